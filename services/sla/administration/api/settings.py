"""A region's escalation policies and thresholds."""

from __future__ import annotations

from chassis.db import Reading, Transaction
from chassis.security import AdminOnly
from chassis.strict_routes import Router
from chassis.versions import ExpectedVersion
from services.sla.administration.actions import settings as actions
from services.sla.administration.schemas.settings import SettingsBody, SettingsView, describe_settings
from services.sla.calendars.schemas import Region
from services.sla.policies.queries import read_region_config

router = Router(prefix="/api/v1/settings", tags=["settings"])


@router.get("/{region}/sla")
async def show_sla_settings(principal: AdminOnly, session: Reading, region: Region) -> SettingsView:
    """The settings in force."""
    principal.require_region(region)
    return describe_settings(await read_region_config(session, region))


@router.put("/{region}/sla")
async def change_sla_settings(
    principal: AdminOnly,
    session: Transaction,
    region: Region,
    expected_version: ExpectedVersion,
    body: SettingsBody,
) -> SettingsView:
    """Replace the settings; what is still to be sent follows the new levels."""
    principal.require_region(region)
    decided = await actions.change_settings(session, principal, region, expected_version, body)
    return describe_settings(decided.config, settled=decided.settled)
