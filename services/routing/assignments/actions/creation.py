"""New assignments: rows, feeds and events, always together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_returning, insert_rows
from contracts.intake import Regime, TakenOver
from contracts.routing import AssignmentCreated, Role
from services.routing.assignments.actions.transitions import record_queue_changes
from services.routing.assignments.rules.explanations import StoredExplanation
from services.routing.assignments.rules.words import AssignmentWords, pack_words
from services.routing.assignments.schemas.event_keys import event_keys
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.tables.assignments import Assignment, NewAssignment, assignment


@dataclass(frozen=True, slots=True)
class AppealSummary:
    """What an assignment takes over from its appeal, or a later one from an earlier one."""

    region: str
    appeal_id: UUID
    number: str
    topic: str | None
    regime: Regime
    channel: str
    importance: str
    kind: str
    municipality: str | None
    text: str
    address: str | None
    complained_about: UUID | None
    received_at: datetime
    received_on: date | None = None


def summary_of(assignment: Assignment) -> AppealSummary:
    """What an assignment knows of its appeal."""
    words = assignment.words()
    return AppealSummary(
        region=assignment.region,
        appeal_id=assignment.appeal_id,
        number=assignment.number,
        topic=assignment.topic,
        regime=assignment.regime,
        channel=assignment.channel,
        importance=assignment.importance,
        kind=assignment.kind,
        municipality=assignment.municipality,
        text=words.text,
        address=words.address,
        complained_about=assignment.complained_about,
        received_at=assignment.received_at,
        received_on=assignment.received_on,
    )


def new_assignment(
    appeal: AppealSummary,
    *,
    organisation_id: UUID | None,
    role: Role,
    explanation: StoredExplanation,
    created_at: datetime,
    triage_reason: str | None = None,
    predecessor_id: UUID | None = None,
    hops: int = 0,
) -> NewAssignment:
    """A new assignment: `new` in an organisation's queue, or in triage when there is none."""
    words = AssignmentWords(appeal.text, appeal.address, explanation, triage_reason)
    return NewAssignment(
        region=appeal.region,
        id=uuid7(),
        appeal_id=appeal.appeal_id,
        number=appeal.number,
        role=role,
        status="new" if organisation_id else "triage",
        organisation_id=organisation_id,
        topic=appeal.topic,
        regime=appeal.regime,
        channel=appeal.channel,
        importance=appeal.importance,
        kind=appeal.kind,
        municipality=appeal.municipality,
        complained_about=appeal.complained_about,
        packed=pack_words(words),
        predecessor_id=predecessor_id,
        hops=hops,
        version=1,
        received_at=appeal.received_at,
        created_at=created_at,
        accepted_at=None,
        answered_at=None,
        offered_at=created_at if organisation_id else None,
        received_on=appeal.received_on,
    )


def creation_event(
    new: NewAssignment,
    reference: RegionReference,
    triage_reason: str | None,
    taken_over: TakenOver | None = None,
    *,
    within_level: bool = False,
) -> AssignmentCreated:
    """The event of a new assignment; `taken_over`: of a case that another system kept; `within_level`: its predecessor's
    clock goes on."""
    return AssignmentCreated(
        **event_keys(new),
        number=new.number,
        role=new.role,
        regime=new.regime,
        channel=new.channel,
        importance=new.importance,
        kind=new.kind,
        municipality=new.municipality,
        topic=reference.topic_name(new.topic),
        organisation=reference.organisation_name(new.organisation_id),
        triage_reason=triage_reason,
        predecessor_id=new.predecessor_id,
        received_at=new.received_at,
        created_at=new.created_at,
        taken_over=taken_over,
        within_level=within_level,
    )


async def insert_assignments(session: AsyncSession, new: Sequence[NewAssignment]) -> None:
    """Write new assignments and the feeds of the queues they enter."""
    await insert_rows(session, assignment, new)
    await record_queue_changes(session, [(None, each) for each in new])


async def insert_assignment(session: AsyncSession, new: NewAssignment) -> Assignment:
    """The same for one, which comes back with what the database adds."""
    (inserted,) = await insert_returning(session, Assignment, assignment, [new])
    await record_queue_changes(session, [(None, inserted)])
    return inserted
