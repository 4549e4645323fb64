"""How a term is counted, one class for each way: where it ends, what a pause adds, and which days it left out.

The rules are those of `deadlines`; a count is worked out for one deadline and then thrown away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Final, Literal, Protocol

from services.sla.calendars.rules import explanations as explain
from services.sla.calendars.rules.calendars import Calendar
from services.sla.calendars.rules.explanations import Step
from services.sla.calendars.rules.terms import Term, Unit

WeekendRule = Literal["previous", "next", "none"]


class Count(Protocol):
    """A term being counted. Pauses come in order, none of them begins after the end."""

    @property
    def due_at(self) -> datetime:
        """The last second in time."""

    def is_over(self, moment: datetime) -> bool:
        """Whether a pause that begins then comes too late to matter."""

    def add_pause(self, since: datetime, until: datetime, reason: str) -> Step:
        """Count a pause; the step that explains it."""

    def explain(self, pauses: list[Step]) -> list[Step]:
        """The steps of the pauses among those of the days that were not counted."""


class _Days:
    """Whole local dates: a term ends with its last day."""

    due: date

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar

    @property
    def due_at(self) -> datetime:
        return self.calendar.end_of_day(self.due)

    def is_over(self, moment: datetime) -> bool:
        return moment > self.due_at

    def _dates(self, since: datetime, until: datetime) -> tuple[date, date]:
        return self.calendar.to_local(since).date(), self.calendar.to_local(until).date()


class CalendarDays(_Days):
    """Every date counts; `rule` moves the last one off a day off."""

    def __init__(self, begin: datetime, term: Term, more: int, calendar: Calendar, rule: WeekendRule) -> None:
        super().__init__(calendar)
        self.rule = rule
        self.floor = begin.date()
        self.raw = self.floor + timedelta(days=term.amount + more)
        self.due = self._move_off_rest()

    def add_pause(self, since: datetime, until: datetime, reason: str) -> Step:
        first, self.floor = self._dates(since, until)
        days = self.floor - first
        # A pause that begins in the days won by `next` holds the deadline until the clock goes on.
        self.raw = max(self.raw, first) + days
        self.due = self._move_off_rest()
        return explain.paused_days_step(since, until, reason, days.days, self.calendar)

    def explain(self, pauses: list[Step]) -> list[Step]:
        if self.rule == "none" or self.calendar.is_working(self.raw):
            return pauses
        return [*pauses, explain.weekend_step(self.raw, self.due, self.floor, self.rule, self.calendar)]

    def _move_off_rest(self) -> date:
        if self.rule == "none":
            return self.raw
        moved = self.calendar.nearest_working(self.raw, forward=self.rule == "next")
        # No working day lies between the floor and `raw`, so the next one is the first after both.
        return moved if moved >= self.floor else self.calendar.nearest_working(self.raw, forward=True)


class WorkingDays(_Days):
    """Only working dates count."""

    def __init__(self, begin: datetime, term: Term, more: int, calendar: Calendar, rule: WeekendRule) -> None:
        super().__init__(calendar)
        self.first = begin.date()
        self.due = calendar.shift(self.first, term.amount + more)

    def add_pause(self, since: datetime, until: datetime, reason: str) -> Step:
        days = self.calendar.count_working(*self._dates(since, until))
        self.due = self.calendar.shift(self.due, days)
        return explain.paused_days_step(since, until, reason, days, self.calendar)

    def explain(self, pauses: list[Step]) -> list[Step]:
        return [
            *explain.skipped_steps(self.first + timedelta(days=1), self.due, self.calendar),
            *pauses,
        ]


class OpenTime:
    """Only the office's open minutes count; who gets more days gets that many of its regular working days."""

    def __init__(self, begin: datetime, term: Term, more: int, calendar: Calendar, rule: WeekendRule) -> None:
        self.calendar = calendar
        self.begin = begin.replace(tzinfo=None)
        self.regular = sum(closing - opening for opening, closing in calendar.hours.regular_day) * 60
        self.seconds = term.amount * 3600 + more * self.regular
        self.due = calendar.add_open(self.begin, self.seconds)

    @property
    def due_at(self) -> datetime:
        return self.calendar.to_instant(self.due)

    def is_over(self, moment: datetime) -> bool:
        return moment >= self.due_at

    def add_pause(self, since: datetime, until: datetime, reason: str) -> Step:
        first, end = (self.calendar.to_local(moment).replace(tzinfo=None) for moment in (since, until))
        paused = self.calendar.count_open(first, end)
        self.seconds += paused
        self.due = self.calendar.add_open(self.begin, self.seconds)
        return explain.paused_time_step(since, until, reason, paused, self.calendar)

    def explain(self, pauses: list[Step]) -> list[Step]:
        first, last = self.begin.date(), self.due.date()
        return [
            explain.office_step(first, last, self.regular, self.calendar),
            *explain.skipped_steps(first, last, self.calendar),
            *pauses,
        ]


class WallTime:
    """Time passes day and night."""

    def __init__(self, begin: datetime, term: Term, more: int, calendar: Calendar, rule: WeekendRule) -> None:
        self.calendar = calendar
        self.due_at = calendar.add_time(begin, term.wall_time + timedelta(days=more))

    def is_over(self, moment: datetime) -> bool:
        return moment >= self.due_at

    def add_pause(self, since: datetime, until: datetime, reason: str) -> Step:
        paused = until - since
        self.due_at = self.calendar.add_time(self.due_at, paused)
        return explain.paused_time_step(since, until, reason, int(paused.total_seconds()), self.calendar)

    def explain(self, pauses: list[Step]) -> list[Step]:
        return pauses


class Given:
    """A due time that was set elsewhere: whole dates later, at the same hour of the organisation's wall clock."""

    def __init__(self, due_at: datetime, calendar: Calendar) -> None:
        self.calendar = calendar
        self.due_at = due_at

    def add_days(self, days: int) -> None:
        if days:
            wall = self.due_at.replace(tzinfo=None) + timedelta(days=days)
            self.due_at = self.calendar.to_instant(wall)

    def is_over(self, moment: datetime) -> bool:
        return moment > self.due_at

    def add_pause(self, since: datetime, until: datetime, reason: str) -> Step:
        days = (self.calendar.to_local(until).date() - self.calendar.to_local(since).date()).days
        self.add_days(days)
        return explain.paused_days_step(since, until, reason, days, self.calendar)

    def explain(self, pauses: list[Step]) -> list[Step]:
        return pauses


BY_UNIT: Final[Mapping[Unit, Callable[[datetime, Term, int, Calendar, WeekendRule], Count]]] = {
    "calendar_day": CalendarDays,
    "working_day": WorkingDays,
    "calendar_hour": WallTime,
    "working_hour": OpenTime,
    "minute": WallTime,
}
"""The count of a term from a local start, with so many days more."""
