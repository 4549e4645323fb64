"""The problem that a decision answers. Problems have a register of their own, which is asked here and nowhere else."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import scalar

_KNOWN = "SELECT EXISTS (SELECT FROM analytics.problem WHERE region = :region AND id = :id)"


async def is_known_problem(session: AsyncSession, region: str, problem_id: UUID) -> bool:
    """Whether the region has such a problem within the transaction's reach."""
    return bool(await scalar(session, bool, _KNOWN, region=region, id=problem_id))
