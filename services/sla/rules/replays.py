"""The way back: `due_at` from an explanation alone, counted naively, day by day, without any calendar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.sla.rules.explanations import Step

_DAY = timedelta(days=1)
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def recompute(steps: Sequence[Step]) -> datetime | None:
    """The due instant that follows from the steps (the `result` step is not looked at); None for an open
    pause.

    Raises KeyError when steps are missing what the calculation needs.
    """
    by_kind: dict[str, list[Step]] = {}
    for step in steps:
        by_kind.setdefault(step["kind"], []).append(step)
    zone = ZoneInfo(by_kind["start"][0]["zone"])
    pauses = by_kind.get("pause", [])
    if any(pause["to"] is None for pause in pauses):
        return None
    if "promise" in by_kind:
        return _end_of(date.fromisoformat(by_kind["promise"][0]["promised_on"]), zone)
    begin = datetime.fromisoformat(by_kind["start"][0]["at"]).astimezone(zone)
    more = sum(extension["days"] for extension in by_kind.get("extension", []))
    if "given" in by_kind:
        days = more + sum(pause["days"] for pause in pauses)
        wall = datetime.fromisoformat(by_kind["given"][0]["due_at"]).astimezone(zone)
        return (wall.replace(tzinfo=None) + days * _DAY).replace(tzinfo=zone) if days else wall
    term = by_kind["term"][0]
    if term["unit"] == "calendar_day":
        due = _walk_calendar_days(begin.date(), term["amount"] + more, pauses)
        return _end_of(_move_off(due, by_kind.get("weekend", [])), zone)
    off = _days_off(by_kind.get("skipped", []))
    if term["unit"] == "working_day":
        days = term["amount"] + more + sum(pause["days"] for pause in pauses)
        return _end_of(_walk_working_days(begin.date(), days, off), zone)
    seconds = sum(pause["seconds"] for pause in pauses)
    if term["unit"] == "working_hour":
        office = by_kind["office"][0]
        seconds += term["amount"] * 3600 + more * office["regular_seconds"]
        wall = _walk_office(begin.replace(tzinfo=None), seconds, office, off)
        return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    seconds += term["amount"] * (3600 if term["unit"] == "calendar_hour" else 60) + more * 86400
    return (begin.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(zone)


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(23, 59, 59, fold=1), zone)


def _days_off(skipped: Iterable[Step]) -> set[date]:
    return {day for step in skipped for span in step["ranges"] for day in _each_day(span["from"], span["to"])}


def _each_day(first: str, last: str) -> Iterable[date]:
    day, end = date.fromisoformat(first), date.fromisoformat(last)
    while day <= end:
        yield day
        day += _DAY


def _walk_calendar_days(day: date, days: int, pauses: Sequence[Step]) -> date:
    due = day + timedelta(days=days)
    for pause in pauses:
        due = max(due, datetime.fromisoformat(pause["from"]).date()) + timedelta(days=pause["days"])
    return due


def _move_off(due: date, weekends: Sequence[Step]) -> date:
    for step in weekends:
        off = set(_each_day(*step["off"]))
        day = due
        while step["rule"] == "previous" and day in off:
            day -= _DAY
        if step["rule"] == "next" or day < date.fromisoformat(step["floor"]):
            day = due
            while day in off:
                day += _DAY
        due = day
    return due


def _walk_working_days(day: date, days: int, off: set[date]) -> date:
    while days:
        day += _DAY
        days -= day not in off
    return day


def _walk_office(wall: datetime, seconds: int, office: dict[str, Any], off: set[date]) -> datetime:
    day = wall.date()
    while True:
        spans = office["special"].get(
            day.isoformat(), [] if day in off else office["week"][_WEEK[day.weekday()]]
        )
        for opening, closing in spans:
            begin = max(wall, _moment(day, opening))
            length = int((_moment(day, closing) - begin).total_seconds())
            if length > 0:
                if seconds <= length:
                    return begin + timedelta(seconds=seconds)
                seconds -= length
        day += _DAY


def _moment(day: date, clock: str) -> datetime:
    hours, minutes = clock.split(":")
    return datetime.combine(day, time()) + timedelta(hours=int(hours), minutes=int(minutes))
