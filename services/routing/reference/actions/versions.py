"""The version of a region's reference data: writers take turns by it, readers see by it that their copy is old."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import scalar

_LOCK = """
INSERT INTO routing.reference_version (region, version) VALUES (:region, 0)
ON CONFLICT (region) DO UPDATE SET version = reference_version.version RETURNING version
"""
_RAISE = "UPDATE routing.reference_version SET version = version + 1 WHERE region = :region RETURNING version"


async def lock_reference(session: AsyncSession, region: str) -> int:
    """Writers of a region take turns; returns the version before the change."""
    return await scalar(session, int, _LOCK, region=region) or 0


async def raise_version(session: AsyncSession, region: str) -> int:
    """Make every process read the region's reference data anew; returns the new version."""
    return await scalar(session, int, _RAISE, region=region) or 0
