"""The clocks of an appeal before any arithmetic: when each opened, stood still, was met or ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from chassis.moments import not_before
from services.sla.rules import facts as f
from services.sla.rules.policies import ClockKind, PauseReason


@dataclass(frozen=True, slots=True)
class About:
    """What a coordinator can correct."""

    organisation_id: str | None
    topic: str | None
    group: str | None


@dataclass(slots=True)
class Standing:
    """An interval in which the clock may stand still, if its policy says so; `until` None: it lasts."""

    reason: PauseReason
    since: datetime
    until: datetime | None = None
    request_id: str | None = None


@dataclass(slots=True)
class Marking:
    """An interval in which the appeal was a special case; `until` None: it still is."""

    since: datetime
    until: datetime | None = None

    def holds(self, moment: datetime | None) -> bool:
        if moment is None:
            return self.until is None
        return self.since <= moment and (self.until is None or moment < self.until)


@dataclass(slots=True)
class Timeline:
    """One clock. `opened_at`: when it began to concern its holder; `fixed`: counting starts there whatever
    the policy says (a reopening, a promise). `moves`: the question went from one body to another inside the
    assignment. `about`: what the assignment was when this clock ended, if it was corrected later. `past`: it ran in
    another system before."""

    clock: ClockKind
    cycle: int
    opened_at: datetime
    assignment_id: str | None = None
    registered_at: datetime | None = None
    fixed: bool = False
    redirected: bool = False
    met_at: datetime | None = None
    cancelled_at: datetime | None = None
    promised_on: date | None = None
    interim_at: datetime | None = None
    reapplied_at: datetime | None = None
    request_id: str | None = None
    about: About | None = None
    past: f.Past | None = None
    standings: list[Standing] = field(default_factory=list)
    moves: list[datetime] = field(default_factory=list)
    requested: dict[str, datetime] = field(default_factory=dict)
    decided: list[f.ExtensionDecided] = field(default_factory=list)

    @property
    def ended_at(self) -> datetime | None:
        return self.met_at or self.cancelled_at

    @property
    def ended_before(self) -> bool:
        """It had ended when this system heard of it."""
        return (
            self.past is not None and self.ended_at is not None and self.ended_at <= self.past.taken_over_at
        )

    def not_before_start(self, at: datetime) -> datetime:
        """An instant of this clock, put in line: nothing that happens to it came before it began."""
        return not_before(at, self.opened_at, self.registered_at)

    def cancel(self, at: datetime) -> None:
        """End it unless it has ended."""
        if self.ended_at is None:
            self.cancelled_at = self.not_before_start(at)

    def meet(self, at: datetime) -> None:
        """The act was done; the first time counts."""
        if self.ended_at is None:
            self.met_at = self.not_before_start(at)


@dataclass(slots=True)
class Assignment:
    """What is known of one assignment at the end of the journal, and its clocks."""

    created: f.AssignmentCreated
    about: About
    gone: bool = False
    timelines: list[Timeline] = field(default_factory=list)

    def open(self, clock: ClockKind) -> Iterator[Timeline]:
        """Its clocks of a kind that have not ended."""
        return (line for line in self.timelines if line.clock == clock and line.ended_at is None)

    def next_cycle(self, clock: ClockKind) -> int:
        return max((line.cycle for line in self.timelines if line.clock == clock), default=0) + 1

    def cancel(self, at: datetime) -> None:
        self.gone = True
        for line in self.timelines:
            line.cancel(at)


@dataclass(slots=True)
class Journal:
    """The appeal as its facts tell it."""

    registered: f.AppealRegistered | None = None
    past: f.Past | None = None  # another system kept the case
    cases: dict[str, list[Marking]] = field(default_factory=dict)
    assignments: dict[str, Assignment] = field(default_factory=dict)
    timelines: list[Timeline] = field(default_factory=list)  # of the appeal itself
    dispatched_at: datetime | None = None  # when a body first had it
    closed_at: datetime | None = None

    def mark(self, cases: Iterable[str], at: datetime, *, applies: bool = True) -> None:
        """A case begins or ends; saying it again changes nothing."""
        for case in cases:
            markings = self.cases.setdefault(case, [])
            marked = bool(markings) and markings[-1].until is None
            if applies and not marked:
                markings.append(Marking(at))
            elif marked and not applies:
                markings[-1].until = not_before(at, markings[-1].since)

    def cases_at(self, moment: datetime | None) -> set[str]:
        """The cases it is at an instant; None: at the end of the journal."""
        return {case for case, markings in self.cases.items() if any(each.holds(moment) for each in markings)}

    def all_timelines(self) -> Iterator[tuple[Timeline, Assignment | None]]:
        yield from ((line, None) for line in self.timelines)
        for assignment in self.assignments.values():
            yield from ((line, assignment) for line in assignment.timelines)
