"""Topics that can be chosen."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import column, row, rows, scalar
from contracts.territories import REGIONS
from services.intake.tables.topics import Topic

_ACTIVE = "SELECT * FROM intake.topic WHERE region = :region AND active ORDER BY group_name, name, code"
_ONE = "SELECT * FROM intake.topic WHERE region = :region AND code = :code AND active"
_SERVED = "SELECT DISTINCT region FROM intake.topic WHERE active ORDER BY region LIMIT 2"
_ANY = "SELECT EXISTS (SELECT FROM intake.topic WHERE region = :region AND active)"
_KNOWN = """
SELECT r.region FROM unnest(:regions::text[]) AS r(region)
WHERE EXISTS (SELECT FROM intake.topic t WHERE t.region = r.region)
"""


async def list_topics(session: AsyncSession, region: str) -> list[Topic]:
    """The topics in use in a region, group by group."""
    return await rows(session, Topic, _ACTIVE, region=region)


async def find_topic(session: AsyncSession, region: str, code: str) -> Topic | None:
    """A topic in use; None for any other code."""
    return await row(session, Topic, _ONE, region=region, code=code)


async def find_only_region(session: AsyncSession) -> str | None:
    """The region, where a single one has topics in use."""
    served = await column(session, str, _SERVED)
    return served[0] if len(served) == 1 else None


async def has_topics(session: AsyncSession, region: str) -> bool:
    """Whether a region has a topic in use."""
    return bool(await scalar(session, bool, _ANY, region=region))


async def list_regions_with_topics(session: AsyncSession) -> list[str]:
    """Regions that have topics, in use or out of it."""
    return await column(session, str, _KNOWN, regions=sorted(REGIONS))
