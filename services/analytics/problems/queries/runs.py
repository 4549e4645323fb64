"""How far regions have been looked through."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import column, row
from services.analytics.tables.problems import ProblemRun

# Every region whose appeals have come: with the first of them come names of its topics.
_REGIONS = "SELECT DISTINCT region FROM analytics.reference ORDER BY region"
_RUN = "SELECT * FROM analytics.problem_run WHERE region = :region"


async def list_regions(session: AsyncSession) -> list[str]:
    """Those with anything to look through."""
    return await column(session, str, _REGIONS)


async def find_run(session: AsyncSession, region: str) -> ProblemRun | None:
    """How far one is; None where nobody has looked yet."""
    return await row(session, ProblemRun, _RUN, region=region)
