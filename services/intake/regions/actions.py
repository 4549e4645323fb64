"""Changing a region's settings."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import run
from chassis.principals import Principal
from chassis.versions import require_version
from services.intake.regions.schemas import NewRegionSettings, RegionSettings

_PUT = """
INSERT INTO intake.region_setting (region, reopen_days, moderated_channels, holding_flags, version, changed_by)
VALUES (:region, :reopen_days, :moderated_channels, :holding_flags, :version, :client)
ON CONFLICT (region) DO UPDATE SET reopen_days = excluded.reopen_days,
    moderated_channels = excluded.moderated_channels, holding_flags = excluded.holding_flags, version = excluded.version, changed_by = excluded.changed_by,
    changed_at = now()
"""


async def lock_settings(session: AsyncSession, region: str) -> None:
    """Two admins at once: the second waits and then sees the first one's version."""
    await run(
        session, "SELECT pg_advisory_xact_lock(hashtext('intake settings ' || :region::text))", region=region
    )


async def change_settings(
    session: AsyncSession,
    principal: Principal,
    current: RegionSettings,
    new: NewRegionSettings,
    expected_version: int,
) -> RegionSettings:
    """Put the settings in force; 412 when somebody else was quicker. `current`: read under the lock."""
    require_version(current.version, expected_version)
    new.require_unchanged(current)
    changed = RegionSettings(
        region=current.region,
        reopen_days=new.reopen_days,
        moderated_channels=sorted(set(new.moderated_channels)),
        holding_flags=sorted(set(new.holding_flags)),
        version=expected_version + 1,
    )
    await run(session, _PUT, **changed.model_dump(), client=principal.client_id)
    return changed
