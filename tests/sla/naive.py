"""A second opinion: the counting rules written again, minute by minute and day by day, from published facts
alone.

Nothing of `services.sla` is imported. The days off of 2024–2027 are typed in from the government's yearly
decrees on the transfer of days off (ТК РФ ст. 112), not read from the `holidays` package.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
FIXED = {*((1, day) for day in range(1, 9)), (2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)}
MOVED_OFF = [
    "2024-04-29",
    "2024-04-30",
    "2024-05-10",
    "2024-12-30",
    "2024-12-31",
    "2025-05-02",
    "2025-05-08",
    "2025-06-13",
    "2025-11-03",
    "2025-12-31",
    "2026-01-09",
    "2026-03-09",
    "2026-05-11",
    "2026-12-31",
    "2027-02-22",
    "2027-05-03",
    "2027-05-10",
    "2027-06-14",
    "2027-11-05",
    "2027-12-31",
]
MOVED_ON = [
    "2024-04-27",
    "2024-11-02",
    "2024-12-28",
    "2025-11-01",
    "2027-02-20",
]
OPEN = ((9 * 60, 13 * 60), (14 * 60, 18 * 60))

Span = tuple[datetime, datetime]


def is_working(day: date) -> bool:
    assert 2024 <= day.year <= 2027
    if day.isoformat() in MOVED_ON:
        return True
    return day.weekday() < 5 and (day.month, day.day) not in FIXED and day.isoformat() not in MOVED_OFF


def is_open(moment: datetime, zone: ZoneInfo) -> bool:
    local = moment.astimezone(zone)
    minute = local.hour * 60 + local.minute
    return is_working(local.date()) and any(begin <= minute < end for begin, end in OPEN)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(23, 59, 59), zone)


def due_calendar_days(start: datetime, days: int, zone: ZoneInfo, rule: str) -> datetime:
    first = start.astimezone(zone).date()
    due = first
    for _ in range(days):
        due += DAY
    raw = due
    if rule == "previous":
        while not is_working(due):
            due -= DAY
        if due < first:
            due = first + DAY
            while not is_working(due):
                due += DAY
    elif rule == "next":
        due = raw
        while not is_working(due):
            due += DAY
    return end_of(due, zone)


def due_working_days(start: datetime, days: int, zone: ZoneInfo) -> datetime:
    due = start.astimezone(zone).date()
    while days:
        due += DAY
        if is_working(due):
            days -= 1
    return end_of(due, zone)


def due_working_minutes(start: datetime, minutes: int, zone: ZoneInfo, pauses: list[Span]) -> datetime:
    """Walk one UTC minute at a time; a minute counts when it begins in office hours and in no pause."""
    moment = start.astimezone(UTC)
    while minutes:
        if is_open(moment, zone) and not any(begin <= moment < end for begin, end in pauses):
            minutes -= 1
        moment += timedelta(minutes=1)
    return moment
