"""Labels: what people decided of an assignment, recorded in the transaction of the decision."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_rows
from services.routing.assignments.actions.locks import LockedAssignment
from services.routing.tables.assignments import Assignment
from services.routing.tables.learning import Label, LabelSource, label


async def record_label(
    session: AsyncSession,
    assignment: Assignment,
    source: LabelSource,
    *,
    topic: str | None,
    organisation_id: UUID | None,
    at: datetime,
) -> None:
    """One more label of an assignment; of several the newest counts."""
    new = Label(
        region=assignment.region,
        id=uuid7(),
        assignment_id=assignment.id,
        appeal_id=assignment.appeal_id,
        topic=topic,
        organisation_id=organisation_id,
        source=source,
        at=at,
    )
    await insert_rows(session, label, [new])


async def record_redirect(session: AsyncSession, taken: LockedAssignment) -> None:
    """An organisation takes what was redirected to it: it is competent, which says nothing of the topic.

    `taken`: as it was before, so that only the first time counts.
    """
    assignment = taken.assignment
    if assignment.hops == 0 or assignment.accepted_at is not None:
        return
    await record_label(
        session, assignment, "redirect", topic=None, organisation_id=assignment.organisation_id, at=taken.at
    )
