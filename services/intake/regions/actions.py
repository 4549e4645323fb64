"""Changing a region's settings."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.security import Principal
from chassis.versions import require_version
from services.intake.regions.schemas import NewRegionSettings, RegionSettings


async def change_settings(
    session: AsyncSession, principal: Principal, region: str, new: NewRegionSettings, seen: int
) -> RegionSettings:
    """Put the settings in force; 412 when somebody else was quicker. Version 0 are the defaults."""
    # Two admins at once: the second waits and then sees the first one's version.
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext('intake settings ' || :region))"), {"region": region}
    )
    found = await session.execute(
        text("SELECT * FROM intake.region_setting WHERE region = :region"), {"region": region}
    )
    row = found.mappings().first() or {"region": region, "version": 0}
    current = RegionSettings.model_validate(dict(row))
    require_version(current.version, seen)
    new.require_unchanged(current)
    channels = sorted(set(new.moderated_channels))
    await session.execute(
        text(
            "INSERT INTO intake.region_setting (region, reopen_days, moderated_channels, version, changed_by) "
            "VALUES (:region, :reopen_days, :channels, :version, :client) "
            "ON CONFLICT (region) DO UPDATE SET reopen_days = excluded.reopen_days, "
            "moderated_channels = excluded.moderated_channels, version = excluded.version, "
            "changed_by = excluded.changed_by, changed_at = now()"
        ),
        {
            "region": region,
            "reopen_days": new.reopen_days,
            "channels": channels,
            "version": seen + 1,
            "client": principal.client_id,
        },
    )
    return RegionSettings(
        region=region, reopen_days=new.reopen_days, moderated_channels=channels, version=seen + 1
    )
