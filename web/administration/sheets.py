"""A year as a sheet: twelve months, each day with what it is; pure."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from chassis.national import load_year

Kind = Literal["work", "weekend", "off", "worked", "short"]
MONTHS: Final = (
    "Январь", "Февраль", "Март", "Апрель", "Май", "Июнь",
    "Июль", "Август", "Сентябрь", "Октябрь", "Ноябрь", "Декабрь",
)  # fmt: skip
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class Day:
    """One day. `own`: the region says so, not the country; `reason`: why, in Russian."""

    date: date
    kind: Kind
    reason: str
    own: bool


@dataclass(frozen=True, slots=True)
class Month:
    """Weeks of seven places from Monday; None: a day of another month."""

    name: str
    weeks: list[list[Day | None]]
    working: int


@dataclass(frozen=True, slots=True)
class OwnDays:
    """What a region changes in the year: reasons by day."""

    off: Mapping[date, str]
    worked: Mapping[date, str]
    short: Mapping[date, str]


def year_sheet(year: int, own: OwnDays) -> list[Month]:
    """The national year (ТК РФ ст. 112 and the government's transfers) with the region's own days over it."""
    return [_month(year, number, own) for number in range(1, 13)]


def _month(year: int, number: int, own: OwnDays) -> Month:
    length = calendar.monthrange(year, number)[1]
    days = [_day(date(year, number, day), own) for day in range(1, length + 1)]
    places: list[Day | None] = [*[None] * days[0].date.weekday(), *days]
    places += [None] * (-len(places) % 7)
    weeks = [places[start : start + 7] for start in range(0, len(places), 7)]
    working = sum(day.kind in ("work", "worked", "short") for day in days)
    return Month(MONTHS[number - 1], weeks, working)


def _day(day: date, own: OwnDays) -> Day:
    if day in own.off:
        return Day(day, "off", own.off[day], True)
    if day in own.worked:
        return Day(day, "worked", own.worked[day], True)
    if day in own.short:
        return Day(day, "short", own.short[day], True)
    return _national(day)


def _national(day: date) -> Day:
    national = load_year(day.year)
    if day in national.off:
        return Day(day, "off", national.off[day], False)
    if day in national.worked:
        return Day(day, "worked", "рабочая суббота", False)
    return Day(day, "weekend" if day.weekday() >= _SATURDAY else "work", "", False)
