"""Leases: claiming out of the queue, giving back, keeping longer."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows, run
from chassis.principals import Principal
from services.routing.assignments.actions.locks import (
    ActionRequest,
    LeaseLost,
    LockedAssignment,
    hash_token,
    lock_own,
)
from services.routing.assignments.rules.statuses import Action
from services.routing.assignments.schemas.acts import Claim, Extend, Leased
from services.routing.assignments.schemas.assignments import (
    AssignmentView,
    ClaimedAssignment,
    ClaimedAssignments,
)
from services.routing.reference.queries.cache import own_region, read_reference
from services.routing.tables.assignments import UNLEASED, Assignment

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
    WHERE region = :region AND organisation_id = :organisation AND {UNLEASED}
    ORDER BY due_at, received_at, id LIMIT :limit::bigint
    FOR NO KEY UPDATE SKIP LOCKED
), numbered AS (SELECT region, id, row_number() OVER () AS place FROM picked)
UPDATE routing.assignment a
SET lease_token = (:hashes::bytea[])[place],
    lease_expires_at = clock_timestamp() + make_interval(secs => :seconds::float8)
FROM numbered n WHERE a.region = n.region AND a.id = n.id
RETURNING a.*, n.place
"""
_SET_LEASE = """
UPDATE routing.assignment SET lease_token = :token, lease_expires_at = :until WHERE region = :region AND id = :id
"""


@dataclass(frozen=True, slots=True)
class _Claimed(Assignment):
    """With the place of its token among those that were made."""

    place: int


async def claim_assignments(session: AsyncSession, principal: Principal, body: Claim) -> ClaimedAssignments:
    """Lease new and reopened assignments, most urgent first; none is ever leased twice at a time."""
    region = await own_region(session, principal)
    reference = await read_reference(session, region)
    await run(session, _RETURN_EXPIRED, region=region, organisation=principal.organisation)
    tokens = [secrets.token_urlsafe(18) for _ in range(body.limit)]
    claimed = await rows(
        session,
        _Claimed,
        _CLAIM,
        region=region,
        organisation=principal.organisation,
        limit=body.limit,
        hashes=[hash_token(token) for token in tokens],
        seconds=float(body.lease_seconds or reference.settings.lease_seconds),
    )
    claimed.sort(key=lambda each: (each.due_at or FAR, each.received_at, each.id))
    return ClaimedAssignments(
        items=[ClaimedAssignment.of(each, reference, lease_token=tokens[each.place - 1]) for each in claimed]
    )


async def release_assignment(session: AsyncSession, request: ActionRequest, body: Leased) -> AssignmentView:
    """Give a leased assignment back to the queue; an unleased one is there already."""
    locked = await lock_own(session, request, None, body.lease_token)
    return await _set_lease(session, locked, None, None)


async def extend_lease(session: AsyncSession, request: ActionRequest, body: Extend) -> AssignmentView:
    """Count the lease anew from now; 409 when there is none any more."""
    locked = await lock_own(session, request, Action.CLAIM, body.lease_token)
    if locked.assignment.lease_token is None or not locked.assignment.is_leased(locked.at):
        raise LeaseLost
    seconds = body.lease_seconds or locked.region_reference.settings.lease_seconds
    return await _set_lease(
        session, locked, locked.assignment.lease_token, locked.at + timedelta(seconds=seconds)
    )


async def _set_lease(
    session: AsyncSession, locked: LockedAssignment, token: bytes | None, until: datetime | None
) -> AssignmentView:
    leased = replace(locked.assignment, lease_token=token, lease_expires_at=until)
    await run(session, _SET_LEASE, region=leased.region, id=leased.id, token=token, until=until)
    return AssignmentView.of(leased, locked.region_reference)
