"""When an office is open: spans of local minutes per weekday, with lunch left out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeGuard

from chassis.faults import Wording

Span = tuple[int, int]  # minutes after local midnight, [opening, closing)
Day = tuple[Span, ...]

_NAMES: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MIDNIGHT: Final = 24 * 60
_TIME: Final = re.compile(r"(?P<hours>[0-9]+):(?P<minutes>[0-9]+)")


@dataclass(frozen=True, slots=True)
class Office:
    """Whose calendar counts: region (two digits), municipality (ОКТМО), organisation id."""

    region: str
    municipality: str | None = None
    organisation_id: str | None = None


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """Opening spans of the week, Monday first. A weekday without a span is the office's weekend.

    Raises ValueError unless there are seven days, spans are ordered, apart and inside the day, and something
    is open.
    """

    week: tuple[Day, ...]

    def __post_init__(self) -> None:
        if len(self.week) != 7:
            raise ValueError("office hours need seven days")
        for spans in self.week:
            check_spans(spans)
        if not any(self.week):
            raise ValueError("an office must be open at some time of the week")

    @property
    def regular_day(self) -> Day:
        """The hours of a day that works although its weekday does not (a moved working Saturday)."""
        return next(spans for spans in self.week if spans)

    def of_working(self, day: date) -> Day:
        """The hours of a day that works, whatever its weekday."""
        return self.week[day.weekday()] or self.regular_day


def check_spans(spans: Sequence[Span]) -> None:
    """Raise ValueError unless the spans are ordered, apart, not empty and inside one day."""
    end = 0
    for opening, closing in spans:
        if not end <= opening < closing <= _MIDNIGHT:
            raise ValueError("opening hours must be ordered, apart and inside the day")
        end = closing


STANDARD: Final = OfficeHours((((540, 780), (840, 1080)),) * 5 + ((), ()))
"""Mon–Fri 9–18 with lunch 13–14: forty hours a week (ТК РФ ст. 91), as most offices keep them."""


def shorten(spans: Day, minutes: int) -> Day:
    """The same day closing `minutes` of open time earlier; nothing is left of a shorter day."""
    left = sum(closing - opening for opening, closing in spans) - minutes
    kept: list[Span] = []
    for opening, closing in spans:
        kept.append((opening, min(closing, opening + left)))
        left -= closing - opening
    return tuple((opening, closing) for opening, closing in kept if opening < closing)


def parse_hours(data: object) -> OfficeHours:
    """Read `{"mon": [["09:00", "13:00"], ["14:00", "18:00"]], …}`; a missing day is closed. Raises
    ValueError."""
    if not isinstance(data, Mapping) or set(data) - set(_NAMES):
        raise ValueError(Wording("office hours are an object with {days}", {"days": ", ".join(_NAMES)}))
    return OfficeHours(tuple(parse_spans(data.get(name, ())) for name in _NAMES))


def dump_hours(hours: OfficeHours) -> dict[str, list[list[str]]]:
    """The shape `parse_hours` reads."""
    return {name: dump_spans(spans) for name, spans in zip(_NAMES, hours.week, strict=True)}


def parse_spans(data: object) -> Day:
    """Read `[["09:00", "13:00"], …]`; "24:00" closes at midnight. Raises ValueError."""
    if not is_list(data):
        raise ValueError("opening hours are a list of [opening, closing]")
    spans = tuple(_parse_span(pair) for pair in data)
    check_spans(spans)
    return spans


def _parse_span(pair: object) -> Span:
    if not is_list(pair) or len(pair) != 2:
        raise ValueError("opening hours are a list of [opening, closing]")
    opening, closing = (_parse_minute(moment) for moment in pair)
    return opening, closing


def is_list(data: object) -> TypeGuard[Sequence[object]]:
    """Whether it is a list of JSON: a text is a sequence too, but not meant as one."""
    return isinstance(data, Sequence) and not isinstance(data, str)


def dump_spans(spans: Day) -> list[list[str]]:
    """The shape `parse_spans` reads."""
    return [[f"{moment // 60:02d}:{moment % 60:02d}" for moment in span] for span in spans]


def _parse_minute(moment: object) -> int:
    found = _TIME.fullmatch(moment) if isinstance(moment, str) else None
    if found is None or int(found["minutes"]) >= 60:
        raise ValueError("a time of day is HH:MM")
    return int(found["hours"]) * 60 + int(found["minutes"])
