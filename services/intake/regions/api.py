"""A region's settings of intake."""

from __future__ import annotations

from chassis.db import Reading, Transaction
from chassis.security import AdminOnly
from chassis.strict_routes import Router
from chassis.versions import ExpectedVersion
from services.intake.field_types import RegionCode
from services.intake.regions import queries
from services.intake.regions.actions import change_settings, lock_settings
from services.intake.regions.schemas import NewRegionSettings, RegionSettings

router = Router(prefix="/api/v1/settings/{region}/intake", tags=["settings"])


@router.get("")
async def read_settings(principal: AdminOnly, session: Reading, region: RegionCode) -> RegionSettings:
    """Reopening window and moderated channels; version 0 are the defaults."""
    principal.require_region(region)
    return await queries.read_settings(session, region)


@router.put("")
async def replace_settings(
    principal: AdminOnly,
    session: Transaction,
    expected_version: ExpectedVersion,
    region: RegionCode,
    body: NewRegionSettings,
) -> RegionSettings:
    """Replace the settings; `If-Match` names the version seen."""
    principal.require_region(region)
    await lock_settings(session, region)
    current = await queries.read_settings(session, region)
    return await change_settings(session, principal, current, body, expected_version)
