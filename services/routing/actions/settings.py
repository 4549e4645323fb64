"""Changing a region's settings of routing."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.versions import require_version
from services.routing.actions.reference import bump_reference, lock_reference
from services.routing.schemas.reference import NewRoutingSettings, RoutingSettings


async def change_settings(
    session: AsyncSession, region: str, new: NewRoutingSettings, seen: int
) -> RoutingSettings:
    """Put the settings in force; 412 when somebody else was quicker. Version 0 are the defaults."""
    await lock_reference(session, region)
    current = await session.scalar(
        text("SELECT version FROM routing.setting WHERE region = :region"), {"region": region}
    )
    require_version(current or 0, seen)
    await session.execute(
        text(
            "INSERT INTO routing.setting (region, settings, version) VALUES (:region, CAST(:settings AS jsonb), :version) "
            "ON CONFLICT (region) DO UPDATE SET settings = excluded.settings, version = excluded.version"
        ),
        {"region": region, "settings": new.model_dump_json(), "version": seen + 1},
    )
    await bump_reference(session, region)
    return RoutingSettings(region=region, version=seen + 1, **new.model_dump())
