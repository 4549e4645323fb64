"""A digest as a report in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from services.analytics.digest.rules.days import Level, Usual
from services.analytics.digest.rules.definitions import DEFINITIONS
from services.analytics.reports.rules import wording
from services.analytics.reports.rules.document import Block, Column, Paragraph, Report, Section, Table

_LEVELS: Final[dict[Level | None, str]] = {
    "tenser": "Напряжённее обычного",
    "calmer": "Спокойнее обычного",
    "usual": "Как обычно",
    None: "Сравнить пока не с чем",
}
_NOT_OVER: Final = "День ещё не закончился"
_DIRECTIONS: Final = {"up": "больше", "down": "меньше"}


@dataclass(frozen=True, slots=True)
class Moved:
    """A topic that moved beyond chance."""

    name: str
    received: int
    previous: int
    direction: str


@dataclass(frozen=True, slots=True)
class DayInShort:
    """What a digest tells."""

    region: str | None
    subject: str
    day: date
    as_of: datetime | None
    received: int
    level: Level | None
    usual: Usual | None
    moved: Sequence[Moved]
    breached: int
    due_today: int
    due_tomorrow: int
    promises_due: int
    routed: int
    minutes: int


def compose_digest(shown: DayInShort) -> Report:
    """In the order in which it is read at eight in the morning."""
    weekday = wording.WEEKDAYS[shown.day.weekday()]
    subtitle = f"{shown.subject}, {wording.day(shown.day)} ({weekday}). Данные на {wording.moment(shown.as_of, shown.region)}."
    sections = [
        Section(_heading(shown), [Paragraph(_day(shown))]),
        Section("Что изменилось за неделю", [_moved(shown.moved)]),
        Section("Сроки", [Paragraph(_deadlines(shown))]),
        Section("Что прошло без ручной работы", [Paragraph(_saved(shown))]),
        Section("Что считается", [Paragraph(each) for each in DEFINITIONS.values()]),
    ]
    return Report("Сводка за день", subtitle, sections)


def _heading(shown: DayInShort) -> str:
    """What is usual is known, and no level: then the day is not over."""
    return _NOT_OVER if shown.level is None and shown.usual is not None else _LEVELS[shown.level]


def _day(shown: DayInShort) -> str:
    came = f"Поступило: {wording.appeals(shown.received)}."
    if shown.usual is None:
        return came
    low, high = (wording.number(value) for value in (shown.usual.low, shown.usual.high))
    return f"{came} В такие дни обычно около {wording.number(shown.usual.expected)}, от {low} до {high}."


def _moved(moved: Sequence[Moved]) -> Block:
    if not moved:
        return Paragraph("Ни одна тема не изменилась больше, чем объяснит случай.")
    columns = (Column("Тема"), Column("За неделю", True), Column("Неделей раньше", True), Column("Стало"))
    rows = [
        (each.name, wording.number(each.received), wording.number(each.previous), _DIRECTIONS[each.direction])
        for each in moved
    ]
    return Table("Темы, которых стало больше или меньше", columns, rows)


def _deadlines(shown: DayInShort) -> str:
    return (
        f"Не ответили в срок: {wording.appeals(shown.breached)}. Срок сегодня: {wording.appeals(shown.due_today)}. "
        f"Срок завтра: {wording.appeals(shown.due_tomorrow)}. Обещано решить сегодня: {wording.appeals(shown.promises_due)}."
    )


def _saved(shown: DayInShort) -> str:
    hours = wording.number(shown.minutes / 60, 1)
    return f"Передано исполнителям без участия человека: {wording.appeals(shown.routed)}. Это около {hours} ч ручного разбора."
