"""An appeal's clocks: a pure fold of its journal, so that a rebuild from zero gives the same ones.

Each clock keeps the policy version in force when it opened, unless re-applied, and the calendar as it stands
now, or stood when the clock ended: editing a calendar re-dates running clocks only. Whether a clock was kept
is decided by the true time of the act against `due_at`; `now` only tells whether a clock nobody has met is
overdue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from chassis.moments import not_before
from contracts.intake import Regime
from contracts.sla import ClockKind, ClockState
from services.sla.calendars.rules.calendars import Calendar
from services.sla.calendars.rules.deadlines import is_late
from services.sla.calendars.rules.explanations import Step
from services.sla.calendars.rules.office_hours import Office
from services.sla.clocks.rules import facts as f
from services.sla.clocks.rules.dating import Dated, Dating
from services.sla.clocks.rules.journal import read_journal
from services.sla.clocks.rules.timelines import Journal, OwnedTimeline, Timeline
from services.sla.policies.rules.policies import Policy, PolicySet, Subject

CalendarOf = Callable[[Office, datetime], Calendar]
"""The calendar of an office as it stood at an instant: `now` for running clocks, their end for ended ones."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One deadline. `due_at` and `due_on` are None while it stands still without end.

    `state`: `met` in time; `breached` when `due_at` passed first, whether the act came later (`met_at`,
    `ended_at`) or is still awaited (`ended_at` None); `cancelled` ended before it was due. `version`: see
    `changes.revise`. `decided_in_legacy`: it had ended, or was overdue, before this system learned of it:
    nobody is notified of that here.
    """

    appeal_id: str
    assignment_id: str | None
    clock: ClockKind
    cycle: int
    organisation_id: str | None
    lead: bool
    started_at: datetime
    due_at: datetime | None
    due_on: date | None
    state: ClockState
    met_at: datetime | None
    ended_at: datetime | None
    policy_id: str | None
    policy_version: int | None
    calendar_version: int
    explanation: tuple[Step, ...]
    certain: bool = True
    version: int = 1
    decided_in_legacy: bool = False

    @property
    def key(self) -> str:
        """Stable name of the clock inside the service: holder, kind, cycle."""
        return f"{self.assignment_id or self.appeal_id}:{self.clock}:{self.cycle}"

    @property
    def awaited_until(self) -> datetime | None:
        """`due_at` while the clock runs; None when it has ended or stands still, or when nobody is notified of it
        here."""
        return None if self.ended_at or self.decided_in_legacy else self.due_at

    @property
    def reason(self) -> str:
        """The explanation in one paragraph of Russian."""
        return " ".join(str(step["text"]) for step in self.explanation)

    def at_version(self, version: int) -> Clock:
        return self if self.version == version else replace(self, version=version)


def fold_clocks(
    appeal_id: str,
    facts: Iterable[f.Fact],
    policies: Sequence[Policy],
    calendar_of: CalendarOf,
    now: datetime,
) -> list[Clock]:
    """All clocks of the appeal, ordered by start, kind and cycle. The order and repetition of facts do not
    matter.

    A clock without a fitting policy does not exist. The appeal's own answer clock runs from registration until a
    lead holds it (it is `cancelled` from then on), so that no appeal is ever without a deadline.
    """
    appeal = _Appeal(appeal_id, read_journal(facts), policies, calendar_of, now)
    clocks = (appeal.fold(owned) for owned in appeal.journal.all_timelines())
    existing = [clock for clock in clocks if clock]
    return sorted(existing, key=lambda clock: (clock.started_at, clock.clock, clock.cycle, clock.key))


@dataclass(frozen=True, slots=True)
class _Appeal:
    """What all clocks of an appeal are folded from."""

    id: str
    journal: Journal
    policies: Sequence[Policy]
    calendar_of: CalendarOf
    now: datetime

    def fold(self, owned: OwnedTimeline) -> Clock | None:
        line, described, about = owned.line, owned.described, owned.about
        if line.unjudged or self._has_no_term(line, described.regime):
            return None
        cases = self.journal.cases_at(line.ended_at)
        subject = Subject(
            region=described.region,
            regime=described.regime,
            clock=line.clock,
            group=about.group,
            topic=about.topic,
            channel=described.channel,
            importance=described.importance,
            kind=described.appeal_kind,
            cases=cases,
        )
        office = Office(described.region, described.municipality, about.organisation_id)
        calendar = self.calendar_of(office, line.ended_at or self.now)
        dated = Dating(line, subject, self.policies, calendar).find()
        return self._describe(owned, dated, calendar) if dated else None

    def _has_no_term(self, line: Timeline, regime: Regime) -> bool:
        policies = self.policies
        return (
            isinstance(policies, PolicySet)
            and line.promised_on is None
            and policies.is_silent_on(regime, line.clock)
        )

    # A clock that should have been met while another system still kept the case was decided there, whatever set its due
    # time. Who takes over ten thousand late cases must not wake the federal level with all of them at once; a term that
    # is set or moved on here is announced as any.
    def _describe(self, owned: OwnedTimeline, dated: Dated, calendar: Calendar) -> Clock:
        line, deadline = owned.line, dated.deadline
        policy = dated.choice.policy if dated.choice else None
        return Clock(
            appeal_id=self.id,
            assignment_id=line.assignment_id,
            clock=line.clock,
            cycle=line.cycle,
            organisation_id=owned.about.organisation_id,
            lead=owned.lead,
            started_at=dated.start,
            due_at=deadline.due_at,
            due_on=deadline.due_on,
            state=self._decide(line, deadline.due_at),
            met_at=line.met_at and not_before(line.met_at, dated.start),
            ended_at=line.ended_at and not_before(line.ended_at, dated.start),
            policy_id=policy.id if policy else None,
            policy_version=policy.version if policy else None,
            calendar_version=calendar.version,
            explanation=deadline.steps,
            certain=deadline.certain,
            decided_in_legacy=line.ended_in_legacy or self.journal.legacy.covers(deadline.due_at),
        )

    def _decide(self, line: Timeline, due_at: datetime | None) -> ClockState:
        if is_late(line.ended_at or self.now, due_at):
            return "breached"
        if line.ended_at is not None:
            return "met" if line.met_at else "cancelled"
        return "paused" if due_at is None else "running"
