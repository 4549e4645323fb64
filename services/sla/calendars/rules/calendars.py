"""The calendar of one organisation: which local days work, and which minutes of them are open.

The national production calendar (`national`) under a region's changes (days off, extra working days, days with
other hours) and an office's hours. Every year is worked out once into sorted arrays with running sums, so
that adding days or office time over any term is a few binary searches.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate, groupby
from operator import attrgetter
from typing import Final
from zoneinfo import ZoneInfo

from chassis.faults import Wording
from chassis.national import KNOWN_UNTIL, NationalYear, load_year
from contracts.territories import find_zone
from services.sla.calendars.rules.office_hours import STANDARD, Day, OfficeHours, check_spans, shorten
from services.sla.calendars.rules.years import FIRST_YEAR, LAST_YEAR, check_instant

WEEKEND: Final = "выходной"
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class CalendarChanges:
    """What a region, municipality or organisation changes in the national calendar.

    `days_off`: local date → reason (a regional holiday, an emergency). `working_days`: date → reason; wins
    over any day off. `hours`: date → opening spans of a working day that has its own (a shortened day).
    """

    days_off: Mapping[date, str] = field(default_factory=dict)
    working_days: Mapping[date, str] = field(default_factory=dict)
    hours: Mapping[date, Day] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for spans in self.hours.values():
            check_spans(spans)


@dataclass(frozen=True, slots=True)
class Rest:
    """Consecutive local days off, both ends included, and why."""

    first: date
    last: date
    reason: str

    def touches(self, first: date, last: date) -> bool:
        return self.first <= last and self.last >= first

    def joined(self, following: Rest) -> Rest:
        """One run over New Year of the two halves that are stored."""
        reasons = [*self.reason.split("; "), *following.reason.split("; ")]
        return Rest(self.first, following.last, _join(reasons))


@dataclass(frozen=True, slots=True)
class _Year:
    """One year. `working`: ordinals of its working days. `elapsed`: office seconds from 1 January to the start of
    each, and last to 31 December. `spans`: ordinal → opening minutes."""

    working: list[int]
    elapsed: list[int]
    spans: dict[int, Day]
    rests: list[Rest]

    @property
    def total(self) -> int:
        return self.elapsed[-1]

    def position(self, day: date) -> int:
        """How many working days of the year lie before the day."""
        return bisect_left(self.working, day.toordinal())

    def rests_between(self, first: date, last: date) -> list[Rest]:
        begin = bisect_left(self.rests, first, key=attrgetter("last"))
        end = bisect_right(self.rests, last, key=attrgetter("first"))
        return self.rests[begin:end]


class Calendar:
    """Days and office time of one organisation. Immutable; share it.

    `zone`: IANA name. `version`: the caller's number of the edit in force. `shorten_pre_holidays`: close an
    hour earlier before a national holiday (ТК РФ ст. 95). `known_until`: last year whose transfers are
    decreed.
    """

    def __init__(
        self,
        region: str,
        zone: str,
        *,
        hours: OfficeHours = STANDARD,
        changes: CalendarChanges | None = None,
        shorten_pre_holidays: bool = False,
        version: int = 1,
        known_until: int = KNOWN_UNTIL,
    ) -> None:
        self.region = region
        self.zone = zone
        self.hours = hours
        self.changes = changes or CalendarChanges()
        self.shorten_pre_holidays = shorten_pre_holidays
        self.version = version
        self.known_until = known_until
        self._tz = ZoneInfo(zone)
        self._years: dict[int, _Year] = {}

    def to_local(self, moment: datetime) -> datetime:
        """The instant as the organisation's wall clock shows it. Raises ValueError as `check_instant` does."""
        check_instant(moment)
        return moment.astimezone(self._tz)

    def to_instant(self, wall: datetime) -> datetime:
        """The instant of a naive local time; an hour that the zone skipped moves on, a doubled one counts
        first."""
        return wall.replace(tzinfo=self._tz).astimezone(UTC).astimezone(self._tz)

    def add_time(self, moment: datetime, length: timedelta) -> datetime:
        """The instant `length` of real time later, in the organisation's zone (local arithmetic would forget
        transitions)."""
        return (moment.astimezone(UTC) + length).astimezone(self._tz)

    def end_of_day(self, day: date) -> datetime:
        """23:59:59 local, the last whole second of the day (the later one if the zone's clock goes back)."""
        return datetime.combine(day, time(23, 59, 59, fold=1), self._tz)

    def is_working(self, day: date) -> bool:
        """Whether the organisation works on this local date."""
        return day.toordinal() in self._year(day.year).spans

    def opening(self, day: date) -> Day:
        """Open spans of the day in local minutes; empty on a day off."""
        return self._year(day.year).spans.get(day.toordinal(), ())

    def shift(self, day: date, number: int) -> date:
        """The `number`-th working day strictly after `day` (before it when negative). Zero gives the day
        itself."""
        if number == 0:
            return day
        year, ordinal = day.year, day.toordinal()
        working = self._year(year).working
        index = number + (bisect_right(working, ordinal) - 1 if number > 0 else bisect_left(working, ordinal))
        while index >= len(working):
            index -= len(working)
            year += 1
            working = self._year(year).working
        while index < 0:
            year -= 1
            working = self._year(year).working
            index += len(working)
        return date.fromordinal(working[index])

    def nearest_working(self, day: date, *, forward: bool) -> date:
        """The day itself when it works, else the nearest working day after (or before) it."""
        return day if self.is_working(day) else self.shift(day, 1 if forward else -1)

    def count_working(self, first: date, end: date) -> int:
        """Working days in [first, end)."""
        if end <= first:
            return 0
        whole = sum(len(self._year(year).working) for year in range(first.year, end.year))
        return whole + self._year(end.year).position(end) - self._year(first.year).position(first)

    def rests(self, first: date, last: date) -> list[Rest]:
        """Runs of days off that touch [first, last], whole (they may stick out), in order."""
        # A run over New Year is stored in halves, so the neighbouring years are looked at to join them.
        early, late = first - timedelta(days=15), last + timedelta(days=16)
        found: list[Rest] = []
        for year in range(max(early.year, FIRST_YEAR), late.year + 1):
            rests = self._year(year).rests_between(early, late)
            if found and rests and found[-1].last + _DAY == rests[0].first:
                rests[0] = found.pop().joined(rests[0])
            found += rests
        return [rest for rest in found if rest.touches(first, last)]

    def is_certain(self, day: date) -> bool:
        """Whether the transfers of the day's year are decreed."""
        return day.year <= self.known_until

    def count_open(self, since: datetime, until: datetime) -> int:
        """Whole office seconds in [since, until), naive local times."""
        if until <= since:
            return 0
        seconds = self._elapsed(until) - self._elapsed(since)
        return seconds + sum(self._year(year).total for year in range(since.year, until.year))

    def add_open(self, since: datetime, seconds: int) -> datetime:
        """The earliest naive local time with `seconds` (> 0) of office time since `since`: a term that ends
        at closing stays on that day."""
        year, target = since.year, self._elapsed(since) + seconds
        while target > (days := self._year(year)).total:
            target -= days.total
            year += 1
        index = bisect_left(days.elapsed, target) - 1
        return self._walk(days, index, target, at_closing=True)

    def subtract_open(self, until: datetime, seconds: int) -> datetime:
        """The latest naive local time with `seconds` (> 0) of office time before `until`: at a boundary, the
        opening."""
        year, target = until.year, self._elapsed(until) - seconds
        while target < 0:
            year -= 1
            target += self._year(year).total
        days = self._year(year)
        index = bisect_right(days.elapsed, target) - 1
        return self._walk(days, index, target, at_closing=False)

    def is_open(self, wall: datetime) -> bool:
        """Whether the office is open at a naive local time."""
        minute = wall.hour * 60 + wall.minute
        return any(opening <= minute < closing for opening, closing in self.opening(wall.date()))

    def _walk(self, days: _Year, index: int, target: int, *, at_closing: bool) -> datetime:
        """The time of a working day at which `target` seconds of its year have passed."""
        left = target - days.elapsed[index]
        ordinal = days.working[index]
        for opening, closing in days.spans[ordinal]:
            length = (closing - opening) * 60
            if left < length + at_closing:
                break
            left -= length
        return datetime.fromordinal(ordinal) + timedelta(seconds=opening * 60 + left)

    def _elapsed(self, wall: datetime) -> int:
        """Office seconds from 1 January of the time's year."""
        days = self._year(wall.year)
        moment = (wall.hour * 60 + wall.minute) * 60 + wall.second
        today = (
            max(0, min(moment, closing * 60) - opening * 60) for opening, closing in self.opening(wall.date())
        )
        return days.elapsed[days.position(wall)] + sum(today)

    def _year(self, year: int) -> _Year:
        days = self._years.get(year)
        if days is None:
            if not FIRST_YEAR - 1 <= year <= LAST_YEAR + 11:
                covered = {"first": FIRST_YEAR, "last": LAST_YEAR}
                raise ValueError(Wording("the calendar covers {first} to {last}", covered))
            days = self._years[year] = _build_year(year, self.hours, self.changes, self.shorten_pre_holidays)
        return days


def _build_year(year: int, hours: OfficeHours, changes: CalendarChanges, shorten_pre_holidays: bool) -> _Year:
    first = date(year, 1, 1).toordinal()
    days = [date.fromordinal(ordinal) for ordinal in range(first, date(year + 1, 1, 1).toordinal())]
    national = load_year(year)
    off = _find_days_off(days, national, hours, changes)
    short = national.eves - changes.hours.keys() if shorten_pre_holidays else frozenset()
    opening = {day: changes.hours.get(day) or hours.of_working(day) for day in days if day not in off}
    spans = {
        day.toordinal(): shorten(regular, 60) if day in short else regular for day, regular in opening.items()
    }
    lengths = (sum(closing - opening for opening, closing in day) * 60 for day in spans.values())
    runs = (list(run) for resting, run in groupby(days, key=off.__contains__) if resting)
    rests = [Rest(run[0], run[-1], _join([off[day] for day in run])) for run in runs]
    return _Year(list(spans), list(accumulate(lengths, initial=0)), spans, rests)


def _find_days_off(
    days: Iterable[date], national: NationalYear, hours: OfficeHours, changes: CalendarChanges
) -> dict[date, str]:
    """Day off → reason, layer by layer: the office's weekend, the country, the region; each may also make days
    work."""
    weekend = {day: WEEKEND for day in days if not hours.week[day.weekday()]}
    country = {
        day: reason for day, reason in (weekend | dict(national.off)).items() if day not in national.worked
    }
    region = country | dict(changes.days_off)
    return {day: reason for day, reason in region.items() if day not in changes.working_days}


def _join(reasons: list[str]) -> str:
    """Each reason once; plain weekends are not worth a word beside a holiday."""
    worth_a_word = dict.fromkeys(reason for reason in reasons if reason != WEEKEND)
    return "; ".join(worth_a_word) or WEEKEND


@lru_cache(maxsize=512)
def open_calendar(region: str, municipality: str | None = None) -> Calendar:
    """The calendar a region has before anyone edits it: national days, standard hours, the place's zone.

    Raises KeyError for an unknown region.
    """
    return Calendar(region, find_zone(region, municipality))
