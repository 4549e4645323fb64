"""Others are told that there is a problem: the one place where that is done."""

from __future__ import annotations

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from services.analytics.tables.problems import ProblemRow

log = structlog.get_logger()


async def announce_problem(session: AsyncSession, problem: ProblemRow) -> None:
    """In the transaction that raised it, brought it back or changed its state."""
    log.info("problem", region=problem.region, id=str(problem.id), kind=problem.kind, state=problem.state)
