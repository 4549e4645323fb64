"""What happened, in Russian sentences for officials (history) and citizens (timeline)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.extents import LocationNote
from contracts.routing import REDIRECT_REASONS
from services.intake.history.rules.projection import UNKNOWN, Due, Entry, due_in, follow_due, sort_history

OUTCOMES = {
    "solved": "вопрос решён",
    "explained": "даны разъяснения",
    "refused": "в решении отказано",
    "postponed": "решение отложено",
}
STATUSES = {
    "registered": "Зарегистрировано",
    "on_moderation": "На модерации",
    "rejected": "Отклонено",
    "in_work": "В работе",
    "answered": "Дан ответ",
    "postponed": "Решение отложено",
    "refused": "В решении отказано",
    "reopened": "Возвращено в работу",
    "withdrawn": "Отозвано заявителем",
    "closed": "Закрыто",
}
_DECISIONS = {
    "accept": "Модератор допустил обращение к рассмотрению",
    "reject": "Модератор отклонил обращение",
    "hide": "Модератор скрыл обращение из открытого доступа",
}
# What concerns the citizen; reminders, escalations and requests between officials do not.
_FOR_CITIZENS = frozenset(
    {
        "registered", "imported", "created", "corrected", "accepted", "redirected", "interim_answered", "answered", "reopened",
        "clarification_asked", "clarified", "cancelled", "deadline_breached", "extension_decided",
        "documents_requested", "documents_received", "forwarded",
        "rated", "withdrawn", "moderated",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sentence:
    """One line of a history."""

    at: datetime
    kind: str
    what: str
    reason: str | None
    organisation: str | None
    assignment_id: UUID | None


@dataclass(frozen=True, slots=True)
class Registered:
    """What every history begins with."""

    number: str
    received_at: datetime
    location_note: LocationNote | None = None


def narrate(entries: Iterable[Entry], registered: Registered) -> list[Sentence]:
    """Everything that happened, in order; the deadline of an assignment is told again only when it moved."""
    lines = [_registration(registered)]
    if registered.location_note:
        what, why = _POINTS[registered.location_note], "Точка не показывается на карте"
        lines.append(Sentence(registered.received_at, "location_marked", what, why, None, None))
    return [*lines, *_tell_all(sort_history(entries))]


def narrate_to_citizens(entries: Iterable[Entry], registered: Registered) -> list[Sentence]:
    """What concerns the citizen; the last date told is the appeal's `due_on`.

    Clocks of single assignments are not told, but the deadline of the appeal, which passes from one to another. What
    bodies say to each other when they redirect is left out.
    """
    history = sort_history(entries)
    lines = [_in_public(sentence) for sentence in _tell_all(history) if sentence.kind in _FOR_CITIZENS]
    lines += _tell_due(history)
    return [_registration(registered), *sorted(lines, key=lambda line: line.at)]


def _registration(registered: Registered) -> Sentence:
    what = f"Обращение зарегистрировано под номером {registered.number}"
    return Sentence(registered.received_at, "registered", what, None, None, None)


_POINTS: dict[LocationNote, str] = {
    "swapped": "Точка на карте не в регионе: вероятно, широта и долгота переставлены",
    "zero": "Вместо точки на карте присланы нули",
    "outside": "Точка на карте не в регионе обращения",
}


def _tell_due(history: Sequence[Entry]) -> Iterator[Sentence]:
    told, steps = UNKNOWN, list(follow_due(history))
    for at, holder, due in steps:
        if due not in (told, UNKNOWN):
            yield Sentence(at, "deadline_set", say_due(due), due.reason, None, holder)
            told = due
    for at, holder, due in steps[-1:]:
        if due == UNKNOWN != told:  # the question has just changed hands
            yield Sentence(at, "deadline_set", say_due(due), None, None, holder)


def _in_public(sentence: Sentence) -> Sentence:
    return replace(sentence, reason=None) if sentence.kind == "redirected" else sentence


def _tell_all(history: list[Entry]) -> Iterator[Sentence]:
    told: dict[UUID | None, Due] = {}
    void = {_breach_key(entry) for entry in history if entry.kind == "deadline_corrected"}
    for entry in history:
        if entry.kind == "deadline_set":
            due = due_in(entry)
            if due in (told.get(entry.assignment_id, UNKNOWN), UNKNOWN):
                continue
            told[entry.assignment_id] = due
        if entry.kind == "deadline_breached" and _breach_key(entry) in void:
            continue
        what, reason = tell(entry)
        organisation = (entry.data.get("organisation") or {}).get("name")
        yield Sentence(entry.at, entry.kind, what, reason or None, organisation, entry.assignment_id)


def _breach_key(entry: Entry) -> tuple[Any, ...]:
    return entry.assignment_id, entry.data.get("clock"), entry.data.get("cycle"), entry.data.get("version")


def tell(entry: Entry) -> tuple[str, str]:
    """The sentence and the reason of one entry."""
    data = entry.data
    body = (data.get("organisation") or {}).get("name", "")
    match entry.kind:
        case "created" if not body:
            return "Обращение передано координатору для определения исполнителя", data.get(
                "triage_reason"
            ) or ""
        case "created":
            role = "ответственному исполнителю" if data.get("role", "lead") == "lead" else "соисполнителю"
            topic = (data.get("topic") or {}).get("name")
            return f"Направлено {role}: {body}", f"Тема: {topic}" if topic else ""
        case "corrected":
            return (
                f"Координатор назначил исполнителя: {body}" if body else "Координатор уточнил тему"
            ), data["reason"]
        case "original_opened":
            who = "Координатор" if data["role"] == "coordinator" else "Исполнитель"
            return f"{who} открыл подлинник обращения", f"Цель: {data['purpose']}"
        case "accepted":
            return f"Принято в работу: {body}", ""
        case "redirected":
            why = REDIRECT_REASONS.get(data.get("reason_code", ""), REDIRECT_REASONS["not_competent"])
            return f"{body}: {why}, обращение перенаправлено", data.get("comment") or ""
        case "deadline_set":
            due = due_in(entry)
            return say_due(due), due.reason or ""
        case "interim_answered":
            return f"{body}: дан промежуточный ответ", _promise(data)
        case "answered":
            return f"{body}: дан ответ – {OUTCOMES[data['outcome']]}", _promise(data)
        case "reopened":
            return f"Вопрос возвращён в работу: {body}", ""
        case "clarification_asked":
            return f"{body}: запрошено уточнение у заявителя", data.get("question") or ""
        case _:
            return _tell_rest(entry.kind, data)


def say_due(due: Due) -> str:
    """The deadline as a sentence."""
    match due.state:
        case "unknown":
            return "Срок ответа уточняется"
        case "paused":
            return "Срок ответа приостановлен"
        case "over":
            return "Срок ответа больше не действует"
        case "set":
            return f"Срок ответа – до {due.on:%d.%m.%Y}"


def _tell_rest(kind: str, data: Mapping[str, Any]) -> tuple[str, str]:
    match kind:
        case "imported":
            return "Перенесено из прежней системы", ""
        case "clarification_received":
            return "Уточнение заявителя передано исполнителю", ""
        case "clarified":
            return "Заявитель дал уточнение", ""
        case "extension_requested":
            return f"Исполнитель просит продлить срок на {data['days']} дн.", data.get("reason") or ""
        case "documents_requested":
            return f"Запрошены документы: {data['addressee']}", data.get("what") or ""
        case "documents_received":
            return "Запрошенные документы получены", ""
        case "forwarded":
            return f"Направлено по компетенции: {data['addressee']}", data.get("reason") or ""
        case "case_marked":
            name = _CASES.get(data["case"], data["case"])
            return f"Особый порядок: {name}" if data["applies"] else f"Особый порядок снят: {name}", data[
                "reason"
            ]
        case "extension_decided" if data["decision"] == "approve":
            return f"Срок продлён на {data['days']} дн.", data.get("reason") or ""
        case "extension_decided":
            return "В продлении срока отказано", data.get("reason") or ""
        case "cancelled":
            return "Рассмотрение вопроса прекращено", data.get("reason") or ""
        case "deadline_reminded":
            return f"Напоминание о сроке: {data['whom']}", ""
        case "deadline_breached":
            return "Срок нарушен", _CLOCKS.get(data["clock"], "")
        case "deadline_corrected":
            return "Отметка о нарушении срока снята", data.get("reason") or ""
        case "deadline_escalated":
            return f"О нарушении срока сообщено: {data['whom']}", ""
        case "rated":
            solved = "вопрос решён" if data["solved"] else "вопрос не решён"
            return f"Заявитель оценил ответ: {data['score']} из 5, {solved}", data.get("comment") or ""
        case "appeal_reopened":
            return "Обращение возвращается в работу по оценке заявителя", data.get("reason") or ""
        case "withdrawn":
            return "Заявитель отозвал обращение", ""
        case "moderated":
            return _DECISIONS[data["decision"]], data.get("reason") or ""
        case _:
            return "Изменение", ""


_CASES = {
    "migration": "вопросы миграции",
    "migration_head": "вопросы миграции, ответ главы региона",
    "special_outcome": "без рассмотрения по существу",
    "fast_track": "ускоренное решение",
}
_CLOCKS = {
    "register": "Срок регистрации",
    "forward": "Срок перенаправления",
    "react": "Срок первой реакции",
    "answer": "Срок ответа",
    "promise": "Обещанный срок решения",
    "documents": "Срок представления документов",
}


def _promise(data: Mapping[str, Any]) -> str:
    return f"Обещано решить до {say_date(data['promised_on'])}" if data.get("promised_on") else ""


def say_date(day: str) -> str:
    """`2026-12-21` → `21.12.2026`."""
    return date.fromisoformat(day).strftime("%d.%m.%Y")
