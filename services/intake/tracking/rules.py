"""What a citizen may do with an appeal, and what a rating means."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from contracts.territories import REGIONS
from services.intake.history.rules.entries import HistoryEntry, sort_history
from services.intake.history.rules.statuses import STATUS_NAMES, UNANSWERED, AppealStatus

POOR_SCORE = 2
# 59-ФЗ and ПП РФ 2334 of 27.12.2023 are what an appeal and a message are considered by.
_LAWS: Final[Mapping[str, str]] = {
    "statutory": "Рассматривается по Федеральному закону от 02.05.2006 № 59-ФЗ",
    "message": "Рассматривается как сообщение, по правилам региона",
}
_CHANNELS: Final[Mapping[str, str]] = {
    "portal": "через портал",
    "widget": "через форму на сайте",
    "pos": "через «Госуслуги. Решаем вместе»",
    "vk": "через ВКонтакте",
    "ok": "через Одноклассники",
    "telegram": "через Telegram",
    "max": "через MAX",
    "email": "по электронной почте",
    "phone": "по телефону",
    "paper": "на бумаге",
    "reception": "на личном приёме",
    "open311": "через приложение",
}
_OVER = frozenset({"rejected", "withdrawn", "closed"})
_WITHDRAWABLE = frozenset({"registered", "on_moderation", "in_work", "postponed", "reopened"})


def last_answer(entries: Iterable[HistoryEntry]) -> HistoryEntry | None:
    """The newest final answer, the one a rating speaks about."""
    answers = [entry for entry in sort_history(entries) if entry.kind == "answered"]
    return answers[-1] if answers else None


def may_rate(status: str, entries: Iterable[HistoryEntry], rated: Collection[UUID]) -> bool:
    """Whether there is an answer that has not been rated yet."""
    answer = last_answer(entries)
    return status not in _OVER and answer is not None and UUID(answer.data["answer_id"]) not in rated


def may_clarify(status: str, entries: Iterable[HistoryEntry]) -> bool:
    """Whether an organisation has asked something and the citizen has not answered since."""
    history = list(entries)
    asked = [entry.at for entry in history if entry.kind == "clarification_asked"]
    answered = [entry.at for entry in history if entry.kind in ("clarified", "clarification_received")]
    return status not in _OVER and bool(asked) and (not answered or max(asked) > max(answered))


def may_object(status: str, entries: Iterable[HistoryEntry]) -> bool:
    """Whether a moderator has rejected or hidden the appeal, and the citizen has not objected to that yet."""
    acts = [entry for entry in sort_history(entries) if entry.kind in ("moderated", "objected")]
    last = acts[-1] if acts else None
    against = last is not None and last.data.get("decision") in ("reject", "hide")
    return against and status not in ("withdrawn", "closed")


def may_withdraw(status: str) -> bool:
    """59-ФЗ ст. 5 п. 5: consideration may be stopped while it goes on."""
    return status in _WITHDRAWABLE


def reopens(score: int, solved: bool, answered_at: datetime, now: datetime, reopen_days: int) -> bool:
    """Unsolved or at most 2 of 5, within the region's window after the answer."""
    poor = not solved or score <= POOR_SCORE
    return poor and now <= answered_at + timedelta(days=reopen_days)


def reopening_reason(score: int, solved: bool) -> str:
    """Why an assignment is opened again, for officials."""
    return (
        f"оценка {score} из 5" if solved else f"заявитель сообщил, что вопрос не решён, оценка {score} из 5"
    )


class ReceiptFacts(NamedTuple):
    """What a receipt tells of an appeal; days are those of the region's own calendar."""

    number: str
    region: str
    channel: str
    regime: str
    received_on: date
    registered_on: date
    due_on: date | None


def receipt_lines(facts: ReceiptFacts, organisation: str | None, status: AppealStatus) -> list[str]:
    """A receipt as sentences to be printed."""
    lines = [
        f"Обращение № {facts.number}",
        REGIONS[facts.region].name,
        f"Поступило {_day(facts.received_on)} {_CHANNELS[facts.channel]}",
        f"Зарегистрировано {_day(facts.registered_on)}",
        _LAWS[facts.regime],
        f"Состояние: {STATUS_NAMES[status]}",
    ]
    if organisation:
        lines.append(f"Исполнитель: {organisation}")
    if facts.due_on and status in UNANSWERED:
        lines.append(f"Ответ будет дан не позднее {_day(facts.due_on)}")
    return lines


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"
