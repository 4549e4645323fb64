"""When it is due: one pure function from a start and a term to a deadline that carries its own explanation.

Counting rules. 59-ФЗ gives terms in days and is silent on how to count them, so practice decides:
- Days are local dates of the organisation; the day after the start's local date is day 1 (ГК РФ ст. 191 by analogy).
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
from datetime import UTC, date, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Final, get_args

from services.sla.calendars.rules import explanations as explain
from services.sla.calendars.rules.calendars import Calendar
from services.sla.calendars.rules.counting import BY_UNIT, Count, Given
from services.sla.calendars.rules.counting import WeekendRule as WeekendRule
from services.sla.calendars.rules.explanations import Step
from services.sla.calendars.rules.terms import Term
from services.sla.calendars.rules.years import check_instant

_WEEKEND_RULES: Final = get_args(WeekendRule)
_BY_START: Final = attrgetter("since")


@dataclass(frozen=True, slots=True)
class Pause:
    """The clock stood still in [since, until); `until` None: it still does. Both instants with offset.

    Raises ValueError when `until` is before `since`, an offset is missing or the year is outside 1993–2199.
    """

    since: datetime
    until: datetime | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        check_instant(self.since)
        if self.until is not None:
            check_instant(self.until)
            if self.until < self.since:
                raise ValueError("a pause ends before it begins")

    def cut(self, begin: datetime) -> Pause:
        """What lies after `begin`, perhaps nothing, in UTC and whole seconds."""
        since = max(self.since.replace(microsecond=0), begin).astimezone(UTC)
        until = self.until and max(self.until.replace(microsecond=0).astimezone(UTC), since)
        return Pause(since, until, self.reason)

    def lasts_until(self, moment: datetime) -> bool:
        return self.until is None or self.until >= moment

    def joined(self, later: Pause) -> Pause:
        """One pause of two that overlap or touch."""
        until = self.until and later.until and max(self.until, later.until)
        return Pause(self.since, until, self.reason or later.reason)


@dataclass(frozen=True, slots=True)
class Extension:
    """Days (> 0) added to the term by an approved request. `decided_at` and `reason` are for the
    explanation."""

    days: int
    decided_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """`due_at`: the last whole second in time, in the organisation's zone; `due_on`: its local date; both None while
    an endless pause lasts. `steps`: the explanation, JSON-safe. `certain`: the due year's transfers are
    decreed."""

    due_at: datetime | None
    due_on: date | None
    steps: tuple[Step, ...]
    certain: bool = True


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
    merged = merge_pauses(pauses, begin)
    if merged or extensions:
        found = _count(begin, term, calendar, weekend_rule, merged, extensions)
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
    pauses: list[Pause],
    extensions: Sequence[Extension],
) -> Deadline:
    more = sum(extension.days for extension in extensions)
    count = BY_UNIT[term.unit](begin, term, more, calendar, weekend_rule)
    steps = [explain.start_step(begin, calendar), explain.term_step(term, weekend_rule)]
    return _finish(count, pauses, calendar, steps + _explain_extensions(extensions))


def _explain_extensions(extensions: Sequence[Extension]) -> list[Step]:
    return [
        explain.extension_step(extension.days, extension.decided_at, extension.reason)
        for extension in extensions
    ]


def compute_promise(
    start: datetime, promised_on: date, calendar: Calendar, policy: Step | None = None
) -> Deadline:
    """The deadline of a promise to the citizen: the end of the promised local date, working or not, or of the first day where
    that date has passed."""
    begin = calendar.to_local(start).replace(microsecond=0)
    steps = [explain.start_step(begin, calendar), explain.promise_step(promised_on)]
    if policy:
        steps = [policy, *steps]
    day = max(promised_on, begin.date())
    return _finish(Given(calendar.end_of_day(day), calendar), [], calendar, steps)


def compute_given(
    start: datetime,
    due_at: datetime,
    calendar: Calendar,
    pauses: Iterable[Pause] = (),
    *,
    extensions: Sequence[Extension] = (),
) -> Deadline:
    """A due time that another system set for a case received at `start`: as it was given; extensions add their days
    and pauses their local dates, at the same hour of the organisation's wall clock.

    Raises ValueError as `compute` does.
    """
    begin = calendar.to_local(start).replace(microsecond=0)
    due = calendar.to_local(due_at).replace(microsecond=0)
    steps = [explain.start_step(begin, calendar), explain.given_step(due)]
    count = Given(due, calendar)
    for extension in extensions:
        count.add_days(extension.days)
    return _finish(count, merge_pauses(pauses, begin), calendar, steps + _explain_extensions(extensions))


def is_late(moment: datetime, due_at: datetime | None) -> bool:
    """Whether an act (or `now`) at `moment` misses `due_at`. The whole second of `due_at` is still in
    time; nothing is late for a clock that stands still (None)."""
    return due_at is not None and moment > due_at and moment.replace(microsecond=0) > due_at


def merge_pauses(pauses: Iterable[Pause], begin: datetime) -> list[Pause]:
    """Pauses in order, in UTC and whole seconds; overlapping and touching ones joined, cut to what lies after
    `begin`, empty ones dropped. UTC, because local instants of one zone subtract wrongly over a change of the
    clock."""
    merged: list[Pause] = []
    for pause in [each.cut(begin) for each in sorted(pauses, key=_BY_START)]:
        if pause.since == pause.until:
            continue
        if merged and merged[-1].lasts_until(pause.since):
            pause = merged.pop().joined(pause)
        merged.append(pause)
    return merged


def _finish(count: Count, pauses: Iterable[Pause], calendar: Calendar, steps: list[Step]) -> Deadline:
    """Count the pauses that begin in time and close the explanation."""
    counted: list[Step] = []
    for pause in pauses:
        if count.is_over(pause.since):
            break
        if pause.until is None:
            endless = explain.endless_pause_step(pause.since, pause.reason, calendar)
            return Deadline(None, None, (*steps, *counted, endless))
        counted.append(count.add_pause(pause.since, pause.until, pause.reason))
    due = count.due_at
    certain = calendar.is_certain(due.date())
    uncertain = [] if certain else [explain.uncertain_step(due.date(), calendar)]
    steps = [*steps, *count.explain(counted), *uncertain, explain.result_step(due)]
    return Deadline(due, due.date(), tuple(steps), certain)
