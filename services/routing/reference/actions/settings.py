"""Changing a region's settings of routing."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import encode_json, run
from chassis.versions import require_version
from services.routing.reference.actions.versions import lock_reference, raise_version
from services.routing.reference.queries.lists import read_settings
from services.routing.reference.schemas.reference import NewRoutingSettings, RoutingSettings

_CHANGE = """
INSERT INTO routing.setting (region, settings, version) VALUES (:region, :settings::jsonb, :version)
ON CONFLICT (region) DO UPDATE SET settings = excluded.settings, version = excluded.version
"""


async def change_settings(
    session: AsyncSession, region: str, new: NewRoutingSettings, expected_version: int
) -> RoutingSettings:
    """Put the settings in force; 412 when somebody else was quicker. Version 0 are the defaults."""
    await lock_reference(session, region)
    current = await read_settings(session, region)
    require_version(current.version, expected_version)
    new.require_unchanged(current)
    wanted, version = new.wanted(), expected_version + 1
    await run(session, _CHANGE, region=region, settings=encode_json(wanted), version=version)
    await raise_version(session, region)
    return RoutingSettings(region=region, version=version, **wanted)
