"""What hangs on an assignment – questions to the citizen, documents that are awaited – is with whoever has its question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import run
from services.routing.tables.assignments import Assignment, NewAssignment

# By table, which of its rows: documents that have come stay with whom they came to.
_HANGING: Final = {"clarification": "true", "document_request": "d.received_at IS NULL"}
# In triage nobody has the question: its rows keep the organisation they had.
_FOLLOW: Final = """
UPDATE routing.{table} d SET assignment_id = k.successor, organisation_id = coalesce(k.organisation, d.organisation_id)
FROM unnest(:regions::text[], :assignments::uuid[], :successors::uuid[], :organisations::uuid[])
    AS k(region, assignment_id, successor, organisation)
WHERE d.region = k.region AND d.assignment_id = k.assignment_id AND {which}
"""


async def hand_over(session: AsyncSession, assignments: Sequence[Assignment]) -> None:
    """It follows assignments that have another organisation now."""
    await pass_on(session, [(each, each) for each in assignments])


async def pass_on(session: AsyncSession, successions: Sequence[tuple[Assignment, NewAssignment]]) -> None:
    """It goes on with what comes in the place of assignments that have ended."""
    for table, which in _HANGING.items():
        await run(
            session,
            _FOLLOW.format(table=table, which=which),
            regions=[ended.region for ended, _ in successions],
            assignments=[ended.id for ended, _ in successions],
            successors=[successor.id for _, successor in successions],
            organisations=[successor.organisation_id for _, successor in successions],
        )
