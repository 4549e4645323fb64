"""What a past case has, and how its columns are usually called, in Russian and in English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

# Field → the names its column may have, the likeliest first.
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "external_id": (
        "external_id", "case_enquiry_id", "case_id", "id", "номер", "номер обращения", "№", "№ обращения",
        "регистрационный номер", "рег. номер", "рег. №",
    ),
    "received_at": (
        "received_at", "open_dt", "opened_at", "opened", "created_at", "date_received", "received", "created",
        "дата поступления", "дата регистрации", "дата обращения", "дата создания", "дата подачи", "дата приёма",
        "дата приема", "дата и время поступления", "дата и время регистрации", "поступило", "зарегистрировано",
    ),
    "due_at": (
        "due_at", "target_dt", "sla_target_dt", "target", "due", "due_date", "deadline", "срок", "контрольный срок",
        "срок исполнения", "срок ответа", "срок рассмотрения", "срок решения", "плановый срок", "плановая дата",
        "дата контроля", "крайний срок",
    ),
    "accepted_at": ("accepted_at", "accepted", "дата принятия", "дата принятия в работу", "принято в работу"),
    "closed_at": (
        "closed_at", "closed_dt", "answered_at", "resolved_at", "closed", "closed_date", "close_date", "date_closed",
        "дата ответа", "дата закрытия", "дата исполнения", "дата решения", "дата завершения", "дата отправки ответа",
        "дата и время закрытия", "фактическая дата", "фактическая дата исполнения", "дата снятия с контроля", "закрыто",
    ),
    "text": (
        "text", "case_title", "description", "title", "текст", "текст обращения", "обращение", "содержание",
        "содержание обращения", "описание", "суть обращения", "сообщение",
    ),
    "topic": ("topic", "type", "тема", "тема обращения", "тематика"),
    "group": ("group", "category", "reason", "группа тем", "категория", "категория обращения", "рубрика", "раздел"),
    "organisation": (
        "organisation", "organization", "agency", "department", "орган", "орган власти", "ведомство", "организация",
        "исполнитель", "ответственный", "ответственный исполнитель", "ответственный орган", "ответственное ведомство",
        "департамент", "учреждение",
    ),
    "status": ("status", "case_status", "state", "статус", "состояние", "статус обращения"),
    "outcome": (
        "outcome", "result", "resolution", "результат", "решение", "результат рассмотрения", "итог", "исход",
        "вид решения", "принятое решение",
    ),
    "promised_on": ("promised_on", "отложено до", "срок переноса", "дата переноса", "обещано к"),
    "answer": ("answer", "response", "ответ", "текст ответа"),
    "region": ("region", "регион", "код региона"),
    "municipality": ("municipality", "октмо", "муниципалитет", "муниципальное образование"),
    "address": ("address", "адрес", "место", "адрес проблемы", "адрес происшествия"),
    "channel": ("channel", "канал", "канал поступления", "способ поступления"),
    "regime": ("regime", "режим"),
    "lat": ("lat", "latitude", "широта"),
    "lon": ("lon", "lng", "longitude", "долгота"),
}  # fmt: skip
INSTANTS: Final = ("received_at", "due_at", "accepted_at", "closed_at")

# A column with such a name is not left out without a decision: what stands in it may change what a case is.
SIGNIFICANT_NAMES: Final[Mapping[str, re.Pattern[str]]] = {
    "a date": re.compile(r"\bдат[аыуе]\b|\bсрок|\bвремя\b|(?:^|[ _])(?:date|time|datetime|deadline|dt|at)(?:$|[ _])"),
    "an organisation": re.compile(
        r"\bорган|ведомств|исполнител|ответственн|департамент|министерств|комитет|управлени|учрежден|администраци"
        r"|organi[sz]ation|agency|department|executor|assignee"
    ),
    "an outcome": re.compile(
        r"статус|состояни|результат|решени|\bитог|исход|резолюци|status|\bstate\b|outcome|result|resolution|resolved"
    ),
}  # fmt: skip
ORGANISATION_WORDS: Final = re.compile(
    r"\b(администраци|министерств|комитет|управлени|департамент|инспекци|служб|прокуратур|правительств|дирекци"
    r"|му[пк]\b|гу[пк]\b|мбу\b|мку\b|ооо\b|оао\b|пао\b|ао\b)",
    re.IGNORECASE,
)
