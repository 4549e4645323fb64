"""Whoever changes incidents of a region does so alone: rules and people take turns."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import run

_ALONE = "SELECT pg_advisory_xact_lock(hashtext('otklik incidents'), hashtext(:region))"


async def lock_incidents(session: AsyncSession, region: str) -> None:
    """Held until the transaction ends. Assignments are locked before it, never after."""
    await run(session, _ALONE, region=region)
