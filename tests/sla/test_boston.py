"""A real city's targets recomputed: Boston's service requests, October to December 2011 (pure arithmetic).

The file's clock has no zone, so it is counted as it reads. From its rows: a request opened after 17:00 counts from
08:30 of the next working day, one opened on a day off from the same hour of the next working day; a term is whole days,
of the calendar or working ones, and ends at the hour at which it began. Its clock knows no holidays.
"""

from __future__ import annotations

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import holidays
import pytest

from services.sla.calendars.rules.calendars import Calendar, CalendarChanges
from services.sla.calendars.rules.deadlines import compute, is_late
from services.sla.calendars.rules.office_hours import OfficeHours
from services.sla.calendars.rules.terms import Term
from tests.sla.figures import tell

DAY = timedelta(days=1)
CLOSING, OPENING = time(17, 0), time(8, 30)
YEARS = range(2011, 2015)


@dataclass(frozen=True)
class Case:
    kind: str
    opened: datetime
    target: datetime
    closed: datetime | None
    on_time: bool


@dataclass(frozen=True)
class Rule:
    """A type's term; `deferred`: counted from the next office hour when opened outside."""

    days: int
    working: bool
    deferred: bool

    def due(self, case: Case, calendar: Calendar) -> datetime:
        """By the engine."""
        start = registered(case.opened, calendar) if self.deferred else case.opened
        due = compute(
            start, Term(self.days * 24, "working_hour" if self.working else "calendar_hour"), calendar, "none"
        )
        assert due.due_at is not None
        return due.due_at


def read_cases(file: Path) -> list[Case]:
    with gzip.open(file, "rt", encoding="utf-8-sig", newline="") as handle:
        return [
            Case(
                row["type"],
                _instant(row["open_dt"]),
                _instant(row["target_dt"]),
                _instant(row["closed_dt"]) if row["closed_dt"] else None,
                row["ontime"] == "ONTIME",
            )
            for row in csv.DictReader(handle)
            if row["target_dt"]
        ]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def city_calendar(*, observe: bool = False) -> Calendar:
    """Boston's days under our engine: the Russian calendar undone, office open all day; American holidays on demand."""
    american = holidays.country_holidays("US", subdiv="MA", years=YEARS) if observe else {}
    off, work = {}, {}
    for day in _each_day():
        if day.weekday() < 5 and day not in american:
            work[day] = "workday"
        else:
            off[day] = american.get(day, "weekend")
    around_the_clock = OfficeHours((((0, 1440),),) * 5 + ((), ()))
    return Calendar(
        "77", "UTC", hours=around_the_clock, changes=CalendarChanges(days_off=off, working_days=work)
    )


def _each_day() -> Iterator[date]:
    day = date(YEARS[0], 1, 1)
    while day.year in YEARS:
        yield day
        day += DAY


def registered(opened: datetime, calendar: Calendar) -> datetime:
    """When the city counts from."""
    start = datetime.combine(calendar.nearest_working(opened.date(), forward=True), opened.time(), UTC)
    if start.time() >= CLOSING:
        start = datetime.combine(calendar.shift(start.date(), 1), OPENING, UTC)
    return start


def agrees(found: datetime, target: datetime) -> bool:
    return abs(found - target) < timedelta(minutes=1)


def find_rule(cases: list[Case], calendar: Calendar) -> Rule:
    """The most frequent term of a type, with the start and the kind of days that give the most targets."""
    candidates: Counter[Rule] = Counter()
    for case in cases:
        for deferred in (True, False):
            start = registered(case.opened, calendar) if deferred else case.opened
            number = round((case.target - start) / DAY)
            if not 1 <= number <= 3000:
                continue
            candidates[Rule(number, False, deferred)] += agrees(start + number * DAY, case.target)
            working = calendar.count_working(start.date(), case.target.date())
            if 1 <= working <= 800:
                rule = Rule(working, True, deferred)
                candidates[rule] += agrees(rule.due(case, calendar), case.target)
    return candidates.most_common(1)[0][0]


def reason(case: Case, rule: Rule, calendar: Calendar, with_holidays: Calendar) -> str:
    """Why a target is not what the rule gives: another way of counting that gives it, or none."""
    if case.target <= case.opened:
        return "target before opening"
    ways = {
        "another start than the type's usual one": replace(rule, deferred=not rule.deferred).due(
            case, calendar
        ),
        "a holiday was left out of the working days": rule.due(case, with_holidays),
    }
    for name, due in ways.items():
        if agrees(due, case.target):
            return name
    start = registered(case.opened, calendar) if rule.deferred else case.opened
    if agrees(start + round((case.target - start) / DAY) * DAY, case.target):
        return "another number of whole days"
    return (
        "same day, another hour"
        if abs(rule.due(case, calendar) - case.target) < DAY
        else "no pattern: set by hand"
    )


def test_the_engine_recomputes_the_citys_targets(samples: Path) -> None:
    cases = read_cases(samples / "boston311_2011q4.csv.gz")
    calendar, with_holidays = city_calendar(), city_calendar(observe=True)
    by_kind: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_kind[case.kind].append(case)
    largest = sorted(by_kind, key=lambda kind: -len(by_kind[kind]))[:10]
    total, agreed, reasons = 0, 0, Counter[str]()
    types = []
    for kind in largest:
        group = by_kind[kind]
        rule = find_rule(group, calendar)
        matched = 0
        for case in group:
            if agrees(rule.due(case, calendar), case.target):
                matched += 1
            else:
                reasons[reason(case, rule, calendar, with_holidays)] += 1
        total, agreed = total + len(group), agreed + matched
        types.append({"type": kind, "rows": len(group), "days": rule.days, "working": rule.working, "deferred": rule.deferred, "share": round(matched / len(group), 4)})  # fmt: skip
    closed = [case for case in cases if case.closed]
    same = sum((not is_late(case.closed, case.target)) == case.on_time for case in closed if case.closed)
    tell(
        "boston targets", rows=total, share=round(agreed / total, 4), types=types, rest=dict(reasons.most_common()),
        on_time_flag_agrees=round(same / len(closed), 5), closed=len(closed),
    )  # fmt: skip
    assert agreed / total > 0.97
    assert sum(reasons.values()) == total - agreed
    assert same / len(closed) > 0.999


def test_the_calendar_is_the_citys() -> None:
    calendar = city_calendar(observe=True)
    assert not calendar.is_working(date(2011, 11, 24))
    assert calendar.is_working(date(2011, 11, 4)), "Unity Day works in Boston"
    assert calendar.is_working(date(2012, 1, 5))
    with pytest.raises(ValueError):
        calendar.to_local(datetime(1900, 1, 1, tzinfo=UTC))
