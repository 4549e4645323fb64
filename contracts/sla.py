"""What sla says: which deadline stands, why, and whether it was kept."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from contracts.event import Act, Event, OfficialEvent, Part

ClockKind = Literal["register", "forward", "react", "answer", "promise", "documents"]
ClockState = Literal["running", "paused", "met", "breached", "cancelled"]


class ClockReading(Part):
    """One clock as it stands; `reason` is the Russian sentence shown to people."""

    clock: ClockKind
    cycle: int = 1
    state: ClockState
    due_at: datetime | None = None
    due_on: date | None = None
    met_at: datetime | None = None
    policy_id: UUID | None = None
    reason: str = ""
    version: int = 1


class DeadlineSet(Event, subject="sla.deadline.set.v1", aggregate="deadline_id"):
    """All clocks of an assignment (or of the appeal itself when `assignment_id` is absent) after a change.

    `deadline_id` is the assignment's id, or the appeal's. `sequence` grows with every change, so the
    last reading wins.
    """

    deadline_id: UUID
    appeal_id: UUID
    assignment_id: UUID | None = None
    organisation_id: UUID | None = None
    lead: bool = True
    clocks: tuple[ClockReading, ...]


class DeadlineReminded(Event, subject="sla.deadline.reminded.v1", aggregate="deadline_id"):
    """A reminder level was reached before the due time."""

    deadline_id: UUID
    appeal_id: UUID
    assignment_id: UUID | None = None
    organisation_id: UUID | None = None
    clock: ClockKind
    cycle: int = 1
    level: str
    whom: str
    due_at: datetime
    due_for_firing_at: datetime
    fired_at: datetime


class DeadlineBreached(Event, subject="sla.deadline.breached.v1", aggregate="deadline_id"):
    """The due time passed without the act; withdrawn by `DeadlineCorrected` if a late event disproves it."""

    deadline_id: UUID
    appeal_id: UUID
    assignment_id: UUID | None = None
    organisation_id: UUID | None = None
    clock: ClockKind
    cycle: int = 1
    version: int = 1
    due_at: datetime
    fired_at: datetime


class DeadlineCorrected(Event, subject="sla.deadline.corrected.v1", aggregate="deadline_id"):
    """A breach said earlier did not happen: the act had been done in time, or the due time moved.

    Names the breach by clock, cycle and version; a breach with that name is void whichever arrives first.
    """

    deadline_id: UUID
    appeal_id: UUID
    assignment_id: UUID | None = None
    organisation_id: UUID | None = None
    clock: ClockKind
    cycle: int = 1
    version: int = 1
    reason: str
    corrected_at: datetime


class DeadlineEscalated(Event, subject="sla.deadline.escalated.v1", aggregate="deadline_id"):
    """A level of the region's ladder after the breach was reached."""

    deadline_id: UUID
    appeal_id: UUID
    assignment_id: UUID | None = None
    organisation_id: UUID | None = None
    clock: ClockKind
    cycle: int = 1
    level: str
    whom: str
    due_at: datetime
    due_for_firing_at: datetime
    fired_at: datetime


class ExtensionDecided(
    OfficialEvent,
    Act,
    subject="sla.extension.decided.v1",
    aggregate="extension_id",
    official=("reason",),
):
    """A coordinator approved or refused an extension; the citizen is told (59-ФЗ ст. 12 ч. 2)."""

    extension_id: UUID
    appeal_id: UUID
    assignment_id: UUID
    decision: Literal["approve", "refuse"]
    days: int
    reason: str
    decided_at: datetime


class CaseMarked(
    OfficialEvent,
    Act,
    subject="sla.case.marked.v1",
    aggregate="appeal_id",
    official=("reason",),
):
    """Somebody said that an appeal is a case with terms of its own (`applies`), or that it is not after all."""

    appeal_id: UUID
    case: str
    applies: bool
    reason: str
    marked_at: datetime


EVENTS: tuple[type[Event], ...] = (
    DeadlineSet,
    DeadlineReminded,
    DeadlineBreached,
    DeadlineCorrected,
    DeadlineEscalated,
    ExtensionDecided,
    CaseMarked,
)
