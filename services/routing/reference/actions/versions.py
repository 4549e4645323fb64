"""The version of a region's reference data: writers take turns by it, readers see by it that their copy is old.

Who takes a turn is named to the database, which keeps every change with it (`reference_change`).
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import ACTING_CLIENT, ACTING_PERSON, scalar

_LOCK = """
INSERT INTO routing.reference_version (region, version) VALUES (:region, 0)
ON CONFLICT (region) DO UPDATE SET version = reference_version.version RETURNING version
"""
_NAME_WHO_ACTS = """
SELECT set_config('app.client', :client::text, true) || set_config('app.person', :person::text, true)
"""
_RAISE = "UPDATE routing.reference_version SET version = version + 1 WHERE region = :region RETURNING version"


async def lock_reference(session: AsyncSession, region: str) -> int:
    """Writers of a region take turns; returns the version before the change."""
    client, person = (session.info.get(who) or "" for who in (ACTING_CLIENT, ACTING_PERSON))
    await scalar(session, str, _NAME_WHO_ACTS, client=client, person=str(person))
    return await scalar(session, int, _LOCK, region=region) or 0


async def raise_version(session: AsyncSession, region: str) -> int:
    """Make every process read the region's reference data anew; returns the new version."""
    return await scalar(session, int, _RAISE, region=region) or 0
