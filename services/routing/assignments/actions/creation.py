"""New assignments: rows, feeds and events, always together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_rows
from contracts.event import Event
from contracts.intake import TakenOver
from contracts.routing import AssignmentCreated
from services.routing.assignments.actions.transitions import Row, about, organisation_named, tell_queues, topic_named
from services.routing.assignments.schemas.words import pack_words
from services.routing.tables import assignment
from services.routing.reference.rules.region_reference import RegionBook

# What an assignment takes over from its appeal, or a later one from an earlier one.
OF_THE_APPEAL = (
    "region",
    "appeal_id",
    "number",
    "topic",
    "regime",
    "channel",
    "importance",
    "municipality",
    "text",
    "address",
    "complained_about",
    "received_at",
)


def new_row(
    appeal: Row,
    *,
    organisation_id: UUID | None,
    role: str,
    explanation: dict[str, Any],
    created_at: datetime,
    triage_reason: str | None = None,
    predecessor_id: UUID | None = None,
    hops: int = 0,
) -> Row:
    """A row of a new assignment: `new` in a body's queue, or in triage when there is no body."""
    return {
        **{name: appeal[name] for name in OF_THE_APPEAL},
        "id": uuid7(),
        "role": role,
        "status": "new" if organisation_id else "triage",
        "organisation_id": organisation_id,
        "explanation": explanation,
        "triage_reason": triage_reason,
        "predecessor_id": predecessor_id,
        "hops": hops,
        "version": 1,
        "created_at": created_at,
    }


def creation_of(row: Row, book: RegionBook, taken_over: TakenOver | None = None) -> Event:
    """The event of a new assignment; `taken_over`: of a case that another system kept."""
    return AssignmentCreated(
        **about(row),
        number=row["number"],
        role=row["role"],
        regime=row["regime"],
        channel=row["channel"],
        importance=row["importance"],
        municipality=row["municipality"],
        topic=topic_named(book, row["topic"]),
        organisation=organisation_named(book, row["organisation_id"]),
        triage_reason=row["triage_reason"],
        predecessor_id=row["predecessor_id"],
        received_at=row["received_at"],
        created_at=row["created_at"],
        taken_over=taken_over,
    )


async def insert_assignments(session: AsyncSession, rows: Sequence[Row]) -> None:
    """Write new assignments and tell the queues they enter."""
    await insert_rows(session, assignment, [row | pack_words(row) for row in rows])
    await tell_queues(session, [(None, row) for row in rows])
