"""When it is due: one pure function from a start and a term to a deadline that carries its own explanation.

Counting rules (api.md, Deadlines; domain.md §1):
- Days are local dates of the body; the day after the start's local date is day 1 (ГК РФ ст. 191 by analogy).
  A term in days ends with its last day, so `due_at` is 23:59:59 local, the last whole second that is still in
  time.
- Working hours are open minutes of the office; a start outside them waits for the next opening, a term that
  runs out at closing stays on that day. Calendar hours and minutes pass day and night.
- A pause adds the local dates d with date(from) <= d < date(to) (working days among them for a working-day
  term), or the time (open time for working hours) inside [from, to). Overlapping pauses are one. What lies
  before the start or begins after the deadline adds nothing; an endless pause that begins in time leaves no
  deadline at all.
- `weekend_rule` moves a term in calendar days off a day off: `previous` (many instructions, never late under
  any reading), `next` (приказ Генпрокуратуры № 45, п. 5.1) or `none`. `previous` never moves before the
  start, nor before the end of a pause: then the first working day after that is taken.
- An extension adds its days to the term: calendar days count from the first start, so 30 + 30 = 60 (59-ФЗ ст.
  12 ч. 2).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, get_args

from services.sla.rules import explanations as say
from services.sla.rules.calendars import Calendar, check_instant
from services.sla.rules.explanations import Step
from services.sla.rules.terms import Term

WeekendRule = Literal["previous", "next", "none"]
_WEEKEND_RULES: Final = get_args(WeekendRule)


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stood still in [since, until); `until` None: it still stands. Both instants with offset.

    Raises ValueError when `until` is before `since`, an offset is missing or the year is outside 1993–2199.
    """

    since: datetime
    until: datetime | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        check_instant(self.since)
        if self.until is not None:
            check_instant(self.until)
        if self.until is not None and self.until < self.since:
            raise ValueError("a pause ends before it begins")


@dataclass(frozen=True, slots=True)
class Extension:
    """Days (> 0) added to the term by an approved request. `decided_at` and `reason` are for the
    explanation."""

    days: int
    decided_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """`due_at`: the last whole second in time, in the body's zone; `due_on`: its local date; both None while
    an endless pause lasts. `steps`: the explanation, JSON-safe. `certain`: the due year's transfers are
    decreed."""

    due_at: datetime | None
    due_on: date | None
    steps: tuple[Step, ...]
    certain: bool = True

    @property
    def paused(self) -> bool:
        return self.due_at is None


def compute(
    start: datetime,
    term: Term,
    calendar: Calendar,
    weekend_rule: WeekendRule = "previous",
    pauses: Iterable[Pause] = (),
    *,
    extensions: Sequence[Extension] = (),
    policy: Step | None = None,
) -> Deadline:
    """The deadline of `term` from `start` (an instant; fractions of a second are dropped).

    `policy` is put in front of the explanation as it is (see `policies.Choice.step`). Raises ValueError for a
    start without offset or outside 1993–2199, an unknown rule, or an extension that is not positive.
    """
    if weekend_rule not in _WEEKEND_RULES:
        raise ValueError("weekend_rule must be previous, next or none")
    if any(extension.days < 1 for extension in extensions):
        raise ValueError("an extension adds at least one day")
    begin = calendar.to_local(start).replace(microsecond=0)
    standing = merge_pauses(pauses, begin)
    if standing or extensions:
        found = _count(begin, term, calendar, weekend_rule, standing, extensions)
    else:
        found = _count_plain(begin.astimezone(UTC), term, calendar, weekend_rule)
    if policy is None:
        return found
    return Deadline(found.due_at, found.due_on, (policy, *found.steps), found.certain)


# Appeals come in crowds and most clocks never pause: those that start in the same second share one calculation.
# Keyed by UTC, because Python takes the two readings of a doubled local hour for equal.
@lru_cache(maxsize=1024)
def _count_plain(begin: datetime, term: Term, calendar: Calendar, weekend_rule: WeekendRule) -> Deadline:
    return _count(calendar.to_local(begin), term, calendar, weekend_rule, [], ())


def _count(
    begin: datetime,
    term: Term,
    calendar: Calendar,
    weekend_rule: WeekendRule,
    standing: list[Pause],
    extensions: Sequence[Extension],
) -> Deadline:
    steps = [say.tell_start(begin, calendar), say.tell_term(term, weekend_rule)]
    steps += [
        say.tell_extension(extension.days, extension.decided_at, extension.reason) for extension in extensions
    ]
    more = sum(extension.days for extension in extensions)
    if term.unit == "calendar_day":
        due = _count_calendar_days(begin, term.amount + more, calendar, weekend_rule, standing, steps)
    elif term.unit == "working_day":
        due = _count_working_days(begin, term.amount + more, calendar, standing, steps)
    elif term.unit == "working_hour":
        due = _count_open_time(begin, term.amount, more, calendar, standing, steps)
    else:
        length = timedelta(minutes=term.amount * (60 if term.unit == "calendar_hour" else 1), days=more)
        due = _count_time(begin, length, calendar, standing, steps)
    return _finish(due, calendar, steps)


def compute_promise(
    start: datetime, promised_on: date, calendar: Calendar, policy: Step | None = None
) -> Deadline:
    """The deadline of a promise to the citizen: the end of the promised local date, working or not."""
    begin = calendar.to_local(start).replace(microsecond=0)
    steps = [policy] if policy else []
    steps += [say.tell_start(begin, calendar), say.tell_promise(promised_on)]
    return _finish(calendar.end_of_day(promised_on), calendar, steps)


def compute_given(
    start: datetime,
    due_at: datetime,
    calendar: Calendar,
    pauses: Iterable[Pause] = (),
    *,
    extensions: Sequence[Extension] = (),
) -> Deadline:
    """A due time that another system set for a case received at `start`: as it was given; extensions add their days
    and pauses their local dates, at the same hour of the body's wall clock.

    Raises ValueError as `compute` does.
    """
    begin = calendar.to_local(start).replace(microsecond=0)
    due = calendar.to_local(due_at).replace(microsecond=0)
    steps = [say.tell_start(begin, calendar), say.tell_given(due)]
    for extension in extensions:
        steps.append(say.tell_extension(extension.days, extension.decided_at, extension.reason))
        due = _later(due, extension.days, calendar)
    for pause in merge_pauses(pauses, begin):
        if pause.since > due:
            break
        if pause.until is None:
            steps.append(say.tell_endless_pause(pause.since, pause.reason, calendar))
            return _finish(None, calendar, steps)
        days = (calendar.to_local(pause.until).date() - calendar.to_local(pause.since).date()).days
        due = _later(due, days, calendar)
        steps.append(say.tell_paused_days(pause.since, pause.until, pause.reason, days, calendar))
    return _finish(due, calendar, steps)


def _later(moment: datetime, days: int, calendar: Calendar) -> datetime:
    return calendar.to_instant(moment.replace(tzinfo=None) + timedelta(days=days)) if days else moment


def is_late(moment: datetime, due_at: datetime | None) -> bool:
    """Whether an act (or `now`) at `moment` misses `due_at`. The whole second of `due_at` is still in
    time; nothing is late for a clock that stands still (None)."""
    return due_at is not None and moment.replace(microsecond=0) > due_at


def merge_pauses(pauses: Iterable[Pause], begin: datetime) -> list[Pause]:
    """Pauses in order, in UTC and whole seconds; overlapping and touching ones joined, cut to what lies after
    `begin`, empty ones dropped. UTC, because local instants of one zone subtract wrongly over a change of the
    clock."""
    merged: list[Pause] = []
    for pause in sorted(pauses, key=lambda pause: pause.since):
        since = max(pause.since.replace(microsecond=0), begin).astimezone(UTC)
        until = pause.until.replace(microsecond=0).astimezone(UTC) if pause.until is not None else None
        if until is not None and until <= since:
            continue
        last = merged[-1] if merged else None
        if last is None or (last.until is not None and last.until < since):
            merged.append(Pause(since, until, pause.reason))
        else:
            until = None if last.until is None or until is None else max(last.until, until)
            merged[-1] = Pause(last.since, until, last.reason or pause.reason)
    return merged


def _count_calendar_days(
    begin: datetime, days: int, calendar: Calendar, rule: WeekendRule, pauses: list[Pause], steps: list[Step]
) -> datetime | None:
    floor, raw = begin.date(), begin.date() + timedelta(days=days)
    due = _settle(raw, floor, calendar, rule)
    for pause in pauses:
        if pause.since > calendar.end_of_day(due):
            break
        if pause.until is None:
            steps.append(say.tell_endless_pause(pause.since, pause.reason, calendar))
            return None
        first, floor = calendar.to_local(pause.since).date(), calendar.to_local(pause.until).date()
        # A pause that begins in the days won by `next` holds the deadline until the clock goes on.
        raw = max(raw, first) + (floor - first)
        due = _settle(raw, floor, calendar, rule)
        steps.append(
            say.tell_paused_days(pause.since, pause.until, pause.reason, (floor - first).days, calendar)
        )
    if rule != "none" and not calendar.is_working(raw):
        steps.append(say.tell_weekend(raw, due, floor, rule, calendar))
    return calendar.end_of_day(due)


def _settle(raw: date, floor: date, calendar: Calendar, rule: WeekendRule) -> date:
    if rule == "none" or calendar.is_working(raw):
        return raw
    if rule == "previous" and (before := calendar.shift(raw, -1)) >= floor:
        return before
    return calendar.shift(
        raw, 1
    )  # no working day lies between the floor and raw, so this is the first after both


def _count_working_days(
    begin: datetime, days: int, calendar: Calendar, pauses: list[Pause], steps: list[Step]
) -> datetime | None:
    due = calendar.shift(begin.date(), days)
    told: list[Step] = []
    for pause in pauses:
        if pause.since > calendar.end_of_day(due):
            break
        if pause.until is None:
            steps += [*told, say.tell_endless_pause(pause.since, pause.reason, calendar)]
            return None
        first, end = calendar.to_local(pause.since).date(), calendar.to_local(pause.until).date()
        number = calendar.count_working(first, end)
        due = calendar.shift(due, number)
        told.append(say.tell_paused_days(pause.since, pause.until, pause.reason, number, calendar))
    steps += say.tell_skipped(begin.date() + timedelta(days=1), due, calendar) + told
    return calendar.end_of_day(due)


def _count_open_time(
    begin: datetime, hours: int, days: int, calendar: Calendar, pauses: list[Pause], steps: list[Step]
) -> datetime | None:
    # A body that gets more days gets that many of its regular working days.
    regular = sum(closing - opening for opening, closing in calendar.hours.regular_day) * 60
    wall, seconds = begin.replace(tzinfo=None), hours * 3600 + days * regular
    due = calendar.add_open(wall, seconds)
    told: list[Step] = []
    for pause in pauses:
        if pause.since >= calendar.to_instant(due):
            break
        if pause.until is None:
            steps += [*told, say.tell_endless_pause(pause.since, pause.reason, calendar)]
            return None
        since, until = (
            calendar.to_local(moment).replace(microsecond=0, tzinfo=None)
            for moment in (pause.since, pause.until)
        )
        stood = calendar.count_open(since, until)
        seconds += stood
        due = calendar.add_open(wall, seconds)
        told.append(say.tell_paused_time(pause.since, pause.until, pause.reason, stood, calendar))
    steps.append(say.tell_office(wall.date(), due.date(), regular, calendar))
    steps += say.tell_skipped(wall.date(), due.date(), calendar) + told
    return calendar.to_instant(due)


def _count_time(
    begin: datetime, length: timedelta, calendar: Calendar, pauses: list[Pause], steps: list[Step]
) -> datetime | None:
    due = calendar.add_time(begin, length)
    for pause in pauses:
        if pause.since >= due:
            break
        if pause.until is None:
            steps.append(say.tell_endless_pause(pause.since, pause.reason, calendar))
            return None
        stood = pause.until - pause.since
        due = calendar.add_time(due, stood)
        steps.append(
            say.tell_paused_time(pause.since, pause.until, pause.reason, int(stood.total_seconds()), calendar)
        )
    return due


def _finish(due: datetime | None, calendar: Calendar, steps: list[Step]) -> Deadline:
    if due is None:
        return Deadline(None, None, tuple(steps))
    certain = calendar.is_certain(due.date())
    if not certain:
        steps.append(say.tell_uncertain(due.date(), calendar))
    steps.append(say.tell_result(due))
    return Deadline(due, due.date(), tuple(steps), certain)
