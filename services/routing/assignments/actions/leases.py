"""Leases: claiming out of the queue, giving back, keeping longer."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.security import Principal
from services.routing.assignments.actions.transitions import NO_LEASE, Held, LeaseLost, hash_token, take_own
from services.routing.reference.queries.cache import read_book
from services.routing.reference.queries.cache import own_region
from services.routing.tables import CLAIMABLE
from services.routing.assignments.schemas.acts import Claim, Extend, Leased
from services.routing.assignments.schemas.assignments import (
    AssignmentView,
    ClaimedAssignment,
    ClaimedAssignments,
    describe_assignment,
)

FAR = datetime.max.replace(tzinfo=UTC)

# statement_timestamp() is stable, so the index stops where leases still run; clock_timestamp() would read them all.
# Skipping locked rows keeps claimers from waiting for each other; whoever holds them returns them as well.
_RETURN_EXPIRED = """
UPDATE routing.assignment a SET lease_token = NULL, lease_expires_at = NULL
FROM (
    SELECT region, id FROM routing.assignment
    WHERE region = :region AND organisation_id = :organisation
        AND lease_token IS NOT NULL AND lease_expires_at <= statement_timestamp()
    FOR NO KEY UPDATE SKIP LOCKED
) AS expired
WHERE a.region = expired.region AND a.id = expired.id
"""
_CLAIM = f"""
WITH picked AS MATERIALIZED (
    SELECT region, id FROM routing.assignment
    WHERE region = :region AND organisation_id = :organisation AND {CLAIMABLE}
    ORDER BY due_at, received_at, id LIMIT :limit
    FOR NO KEY UPDATE SKIP LOCKED
), numbered AS (SELECT region, id, row_number() OVER () AS place FROM picked)
UPDATE routing.assignment a
SET lease_token = (CAST(:hashes AS bytea[]))[place],
    lease_expires_at = clock_timestamp() + make_interval(secs => :seconds)
FROM numbered n WHERE a.region = n.region AND a.id = n.id
RETURNING a.*, n.place
"""
_EXTEND = """
UPDATE routing.assignment SET lease_token = :token, lease_expires_at = :until WHERE region = :region AND id = :id
"""


async def claim_assignments(session: AsyncSession, principal: Principal, body: Claim) -> ClaimedAssignments:
    """Lease new and reopened assignments, most urgent first; none is ever leased twice at a time."""
    region = await own_region(session, principal)
    mine = {"region": region, "organisation": principal.organisation}
    book = await read_book(session, region)
    await session.execute(text(_RETURN_EXPIRED), mine)
    tokens = [secrets.token_urlsafe(18) for _ in range(body.limit)]
    found = await session.execute(
        text(_CLAIM),
        {
            **mine,
            "limit": body.limit,
            "hashes": [hash_token(token) for token in tokens],
            "seconds": float(body.lease_seconds or book.settings.lease_seconds),
        },
    )
    rows = sorted(found.mappings(), key=lambda row: (row["due_at"] or FAR, row["received_at"], row["id"]))
    return ClaimedAssignments(
        items=[
            ClaimedAssignment.model_validate(
                {**describe_assignment(dict(row), book), "lease_token": tokens[row["place"] - 1]}
            )
            for row in rows
        ]
    )


async def release_assignment(
    session: AsyncSession, principal: Principal, assignment_id: UUID, seen: int, body: Leased
) -> AssignmentView:
    """Give a leased assignment back to the queue; an unleased one is there already."""
    held = await take_own(session, principal, assignment_id, seen, None, body.lease_token)
    return await _lease(session, held, **NO_LEASE)


async def extend_lease(
    session: AsyncSession, principal: Principal, assignment_id: UUID, seen: int, body: Extend
) -> AssignmentView:
    """Count the lease anew from now; 409 when there is none any more."""
    held = await take_own(session, principal, assignment_id, seen, "claim", body.lease_token)
    if held.row["lease_token"] is None or held.row["lease_expires_at"] <= held.at:
        raise LeaseLost
    seconds = body.lease_seconds or held.book.settings.lease_seconds
    until = held.at + timedelta(seconds=seconds)
    return await _lease(session, held, lease_token=held.row["lease_token"], lease_expires_at=until)


async def _lease(session: AsyncSession, held: Held, **lease: Any) -> AssignmentView:
    await session.execute(
        text(_EXTEND),
        {
            "region": held.row["region"],
            "id": held.row["id"],
            "token": lease["lease_token"],
            "until": lease["lease_expires_at"],
        },
    )
    return Held({**held.row, **lease}, held.book, held.at).show()
