"""The way back: `due_at` from an explanation alone, counted naively, day by day, without any calendar."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.sla.calendars.rules.explanations import Step, group_steps

_DAY = timedelta(days=1)
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_Steps = Mapping[str, Sequence[Step]]


def recompute(steps: Sequence[Step]) -> datetime | None:
    """The due instant that follows from the steps (the `result` step is not looked at); None for an open
    pause.

    Raises KeyError when steps are missing what the calculation needs.
    """
    by_kind = group_steps(steps)
    zone = ZoneInfo(by_kind["start"][0]["zone"])
    if any(pause["to"] is None for pause in by_kind.get("pause", ())):
        return None
    if "promise" in by_kind:
        promised = date.fromisoformat(by_kind["promise"][0]["promised_on"])
        return _end_of(max(promised, date.fromisoformat(by_kind["start"][0]["local_date"])), zone)
    if "given" in by_kind:
        return _recount_given(by_kind, zone)
    begin = datetime.fromisoformat(by_kind["start"][0]["at"]).astimezone(zone)
    term = by_kind["term"][0]
    more = sum(extension["days"] for extension in by_kind.get("extension", ()))
    return _BY_UNIT[term["unit"]](begin, term["amount"], more, by_kind, zone)


def _recount_given(by_kind: _Steps, zone: ZoneInfo) -> datetime:
    days = sum(step["days"] for kind in ("extension", "pause") for step in by_kind.get(kind, ()))
    wall = datetime.fromisoformat(by_kind["given"][0]["due_at"]).astimezone(zone)
    return (wall.replace(tzinfo=None) + days * _DAY).replace(tzinfo=zone) if days else wall


def _recount_calendar_days(
    begin: datetime, amount: int, more: int, by_kind: _Steps, zone: ZoneInfo
) -> datetime:
    due = begin.date() + (amount + more) * _DAY
    for pause in by_kind.get("pause", ()):
        due = max(due, datetime.fromisoformat(pause["from"]).date()) + timedelta(days=pause["days"])
    for weekend in by_kind.get("weekend", ()):
        due = _move_off(due, weekend)
    return _end_of(due, zone)


def _recount_working_days(
    begin: datetime, amount: int, more: int, by_kind: _Steps, zone: ZoneInfo
) -> datetime:
    day, off = begin.date(), _days_off(by_kind)
    days = amount + more + sum(pause["days"] for pause in by_kind.get("pause", ()))
    while days:
        day += _DAY
        days -= day not in off
    return _end_of(day, zone)


def _recount_working_hours(
    begin: datetime, amount: int, more: int, by_kind: _Steps, zone: ZoneInfo
) -> datetime:
    office = by_kind["office"][0]
    seconds = amount * 3600 + more * office["regular_seconds"] + _paused_seconds(by_kind)
    wall = _walk_office(begin.replace(tzinfo=None), seconds, office, _days_off(by_kind))
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)


def _recount_hours(begin: datetime, amount: int, more: int, by_kind: _Steps, zone: ZoneInfo) -> datetime:
    return _recount_minutes(begin, amount * 60, more, by_kind, zone)


def _recount_minutes(begin: datetime, amount: int, more: int, by_kind: _Steps, zone: ZoneInfo) -> datetime:
    seconds = amount * 60 + more * 86400 + _paused_seconds(by_kind)
    return (begin.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(zone)


_BY_UNIT: Final[Mapping[str, Callable[[datetime, int, int, _Steps, ZoneInfo], datetime]]] = {
    "calendar_day": _recount_calendar_days,
    "working_day": _recount_working_days,
    "calendar_hour": _recount_hours,
    "working_hour": _recount_working_hours,
    "minute": _recount_minutes,
}


def _paused_seconds(by_kind: _Steps) -> int:
    return sum(pause["seconds"] for pause in by_kind.get("pause", ()))


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(23, 59, 59, fold=1), zone)


def _days_off(by_kind: _Steps) -> set[date]:
    ranges = (span for step in by_kind.get("skipped", ()) for span in step["ranges"])
    return {day for span in ranges for day in _each_day(span["from"], span["to"])}


def _each_day(first: str, last: str) -> Iterable[date]:
    day, end = date.fromisoformat(first), date.fromisoformat(last)
    while day <= end:
        yield day
        day += _DAY


def _move_off(due: date, weekend: Step) -> date:
    off = set(_each_day(*weekend["off"]))
    before = _walk_out(due, off, -_DAY)
    kept_back = weekend["rule"] == "previous" and before >= date.fromisoformat(weekend["floor"])
    return before if kept_back else _walk_out(due, off, _DAY)


def _walk_out(day: date, off: set[date], step: timedelta) -> date:
    while day in off:
        day += step
    return day


def _walk_office(wall: datetime, seconds: int, office: Step, off: set[date]) -> datetime:
    for begin, end in _open_spans(wall.date(), office, off):
        begin = max(wall, begin)
        length = max(0, int((end - begin).total_seconds()))
        if seconds <= length:
            return begin + timedelta(seconds=seconds)
        seconds -= length
    raise AssertionError("an office is open at some time")


def _open_spans(day: date, office: Step, off: set[date]) -> Iterator[tuple[datetime, datetime]]:
    while True:
        regular = [] if day in off else office["week"][_WEEK[day.weekday()]]
        for opening, closing in office["special"].get(day.isoformat(), regular):
            yield _moment(day, opening), _moment(day, closing)
        day += _DAY


def _moment(day: date, clock: str) -> datetime:
    hours, minutes = clock.split(":")
    return datetime.combine(day, time()) + timedelta(hours=int(hours), minutes=int(minutes))
