"""The clocks of an appeal before any arithmetic: when each opened, stood still, was met or ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Final, Literal

from chassis.moments import not_before
from contracts.sla import ClockKind
from services.sla.clocks.rules import facts as f
from services.sla.policies.rules.policies import PauseReason

_NEVER: Final = datetime.min.replace(tzinfo=UTC)
RestartKind = Literal["moved", "interim"]
Restart = tuple[RestartKind, datetime]
"""The question went to another organisation inside the assignment, or an interim answer was given: a term may begin anew."""
NO_LEGACY: Final = f.LegacyDates(taken_over_at=_NEVER)
"""Of a case that began in this system."""


@dataclass(frozen=True, slots=True)
class About:
    """What a coordinator can correct."""

    organisation_id: str | None
    topic: str | None
    group: str | None

    def corrected_by(self, fact: f.AssignmentCorrected) -> About:
        holder = None if fact.to_triage else fact.organisation_id or self.organisation_id
        return About(holder, fact.topic or self.topic, fact.group or self.group)


@dataclass(slots=True)
class PossiblePause:
    """An interval in which somebody else is waited for: a pause, if the clock's policy allows it; `until` None: it
    lasts. `elsewhere`: others had the question, and should not have had it; a pause, whatever a policy says."""

    reason: PauseReason | Literal["elsewhere"]
    since: datetime
    until: datetime | None = None
    request_id: str | None = None

    def waits_for(self, reason: PauseReason, request_id: str | None) -> bool:
        return (self.reason, self.request_id, self.until) == (reason, request_id, None)


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
    """One clock. `opened_at`: when it began to concern its holder; `registered_at`: the appeal's registration, None where counting
    starts at `opened_at` whatever the policy sets (a reopening, a promise). `about`: what the assignment was when this clock
    ended, if it was corrected later. `legacy`: its dates in the system that it ran in before."""

    clock: ClockKind
    cycle: int
    opened_at: datetime
    assignment_id: str | None = None
    registered_at: datetime | None = None
    redirected: bool = False
    met_at: datetime | None = None
    cancelled_at: datetime | None = None
    promised_on: date | None = None
    reapplied: tuple[f.PolicyReapplied, ...] = ()
    request_id: str | None = None
    about: About | None = None
    legacy: f.LegacyDates = NO_LEGACY
    possible_pauses: list[PossiblePause] = field(default_factory=list)
    restarts: list[Restart] = field(default_factory=list)
    requested: dict[str, datetime] = field(default_factory=dict)
    decided: list[f.ExtensionDecided] = field(default_factory=list)

    @property
    def ended_at(self) -> datetime | None:
        return self.met_at or self.cancelled_at

    @property
    def chosen_at(self) -> datetime:
        """When the policy was chosen: a term that counts from registration is the one in force then."""
        if self.clock == "answer" and self.registered_at and not self.redirected:
            return self.registered_at
        return self.opened_at

    @property
    def ended_in_legacy(self) -> bool:
        """It had ended when this system learned of it."""
        return self.legacy.covers(self.ended_at)

    @property
    def unjudged(self) -> bool:
        """It ended before this system learned of it, without a due time: there is nothing to measure it by."""
        return self.legacy.untimed and self.ended_in_legacy

    def not_before_start(self, at: datetime) -> datetime:
        """An instant of this clock, put in line: nothing that happens to it came before it began."""
        return not_before(at, self.opened_at, self.registered_at)

    def go_on(self, assignment_id: str, at: datetime) -> Timeline:
        """The same clock at whom the question was handed to: it counts as it did, only nobody of the old holder's is waited
        for any more."""
        pauses = [
            replace(each, until=each.until or not_before(at, each.since)) for each in self.possible_pauses
        ]
        return replace(
            self,
            assignment_id=assignment_id,
            cycle=1,
            met_at=None,
            cancelled_at=None,
            about=None,
            possible_pauses=pauses,
            restarts=list(self.restarts),
            requested=dict(self.requested),
            decided=list(self.decided),
        )

    def cancel(self, at: datetime) -> None:
        """End it unless it has ended."""
        if self.ended_at is None:
            self.cancelled_at = self.not_before_start(at)

    def meet(self, at: datetime) -> None:
        """The act was done; the first time counts."""
        if self.ended_at is None:
            self.met_at = self.not_before_start(at)

    def meet_elsewhere(self) -> None:
        """The act was done in the system that kept the case before, if it was."""
        if self.legacy.closed_at:
            self.meet(self.legacy.closed_at)

    def dispatch(self, at: datetime) -> None:
        """It was handed on; that counts although the appeal was closed later."""
        if self.cancelled_at is None or at <= self.cancelled_at:
            self.met_at = self.not_before_start(at)
            self.cancelled_at = None

    def pause(self, reason: PauseReason, since: datetime, request_id: str | None = None) -> None:
        """Somebody else is waited for."""
        self.possible_pauses.append(PossiblePause(reason, since, request_id=request_id))

    def stand_still(self, since: datetime, until: datetime) -> None:
        """Others had the question meanwhile, by mistake."""
        self.possible_pauses.append(PossiblePause("elsewhere", since, not_before(until, since)))

    def resume(self, reason: PauseReason, at: datetime, request_id: str | None = None) -> None:
        """What was waited for came."""
        for pause in self.possible_pauses:
            if pause.waits_for(reason, request_id):
                pause.until = not_before(at, pause.since)


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

    def running(self, clock: ClockKind) -> Timeline:
        """Its clock of a kind that has not ended: an organisation owes one thing once. Where there is none, a
        timeline that nobody reads, since what happens then changes nothing."""
        return next(self.open(clock), None) or Timeline(clock, 0, _NEVER)

    def last(self, clock: ClockKind) -> Timeline | None:
        """Its latest clock of a kind, ended or not."""
        return max(
            (line for line in self.timelines if line.clock == clock),
            key=lambda line: line.cycle,
            default=None,
        )

    def cycles(self, clock: ClockKind) -> set[int]:
        return {line.cycle for line in self.timelines if line.clock == clock}

    def start(self, clock: ClockKind, at: datetime, *, cycle: int | None = None, **values: Any) -> None:
        """A clock begins to run, by default as the next of its kind."""
        number = cycle or max(self.cycles(clock), default=0) + 1
        self.timelines.append(Timeline(clock, number, at, self.created.assignment_id, **values))

    def correct(self, fact: f.AssignmentCorrected) -> None:
        """What has ended stays with the organisation and the topic it ended under."""
        for line in self.timelines:
            if line.ended_at and line.about is None:
                line.about = self.about
        self.about = self.about.corrected_by(fact)

    def cancel(self, at: datetime) -> None:
        self.gone = True
        for line in self.timelines:
            line.cancel(at)


@dataclass(slots=True)
class OwnedTimeline:
    """A timeline and what is known of who holds it; `about`: as it is, or was when the clock
    ended; `assignment` None: the appeal itself."""

    line: Timeline
    described: f.Described
    about: About
    assignment: Assignment | None = None

    @property
    def lead(self) -> bool:
        """Whether its answer is the appeal's."""
        return self.assignment is None or self.assignment.created.role == "lead"


@dataclass(slots=True)
class Journal:
    """The appeal as its facts describe it. `returns`: see `taking_back.TakenBack`."""

    registered: f.AppealRegistered | None = None
    legacy: f.LegacyDates = NO_LEGACY
    cases: dict[str, list[Marking]] = field(default_factory=dict)
    assignments: dict[str, Assignment] = field(default_factory=dict)
    timelines: list[Timeline] = field(default_factory=list)  # of the appeal itself
    dispatched_at: datetime | None = None  # when an organisation first had it
    closed_at: datetime | None = None
    returns: Mapping[str, datetime] = field(default_factory=dict)

    def describe(self, fact: f.Described) -> None:
        """What the registration and every assignment have of the appeal."""
        if fact.legacy and self.legacy is NO_LEGACY:
            self.legacy = fact.legacy
        self.mark(fact.cases, fact.at)

    def mark(self, cases: Iterable[str], at: datetime, *, applies: bool = True) -> None:
        """A case begins or ends; marking it again changes nothing."""
        for case in cases:
            markings = self.cases.setdefault(case, [])
            if applies == any(marking.until is None for marking in markings):
                continue
            if applies:
                markings.append(Marking(at))
            else:
                markings[-1].until = not_before(at, markings[-1].since)

    def cases_at(self, moment: datetime | None) -> set[str]:
        """The cases it is at an instant; None: at the end of the journal."""
        if not self.cases:
            return set()
        return {case for case, markings in self.cases.items() if any(each.holds(moment) for each in markings)}

    def dispatch(self, at: datetime) -> None:
        """An organisation has the question; the first time counts."""
        self.dispatched_at = self.dispatched_at or at

    def own(self, clock: ClockKind) -> Iterator[Timeline]:
        """The appeal's own clocks of a kind."""
        return (line for line in self.timelines if line.clock == clock)

    def cancel(self, at: datetime) -> None:
        """The appeal's own clocks end unless they have ended."""
        for line in self.timelines:
            line.cancel(at)

    def leads(self) -> list[Assignment]:
        return [each for each in self.assignments.values() if each.created.role == "lead"]

    def holder_of(self, assignment: Assignment) -> Assignment:
        """Who has the question now: the last one that it was handed to inside one level."""
        receivers = {
            each.created.predecessor_id: each
            for each in self.assignments.values()
            if each.created.within_level
        }
        while receiver := receivers.pop(assignment.created.assignment_id, None):
            assignment = receiver
        return assignment

    def all_timelines(self) -> Iterator[OwnedTimeline]:
        registered = self.registered
        if registered:
            about = About(None, registered.topic, registered.group)
            yield from (OwnedTimeline(line, registered, about) for line in self.timelines)
        for owner in self.assignments.values():
            for line in owner.timelines:
                yield OwnedTimeline(line, owner.created, line.about or owner.about, owner)
