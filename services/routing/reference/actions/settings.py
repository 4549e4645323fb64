"""Changing a region's settings of routing."""

from __future__ import annotations

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.versions import require_version
from services.routing.reference.actions.loading import bump_reference, lock_reference
from services.routing.reference.schemas.reference import NewRoutingSettings, RoutingSettings


async def change_settings(
    session: AsyncSession, region: str, new: NewRoutingSettings, seen: int
) -> RoutingSettings:
    """Put the settings in force; 412 when somebody else was quicker. Version 0 are the defaults."""
    await lock_reference(session, region)
    found = await session.execute(
        text("SELECT settings, version FROM routing.setting WHERE region = :region"), {"region": region}
    )
    row = found.first()
    stored = row.settings if row else {}
    current = RoutingSettings(**stored, region=region, version=row.version if row else 0)
    require_version(current.version, seen)
    new.require_unchanged(current)
    wanted = new.wanted()
    await session.execute(
        text(
            "INSERT INTO routing.setting (region, settings, version) VALUES (:region, CAST(:settings AS jsonb), :version) "
            "ON CONFLICT (region) DO UPDATE SET settings = excluded.settings, version = excluded.version"
        ),
        {"region": region, "settings": orjson.dumps(wanted).decode(), "version": seen + 1},
    )
    await bump_reference(session, region)
    return RoutingSettings(region=region, version=seen + 1, **wanted)
