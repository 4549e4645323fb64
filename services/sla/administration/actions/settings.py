"""A region's escalation policies, thresholds and minimum sample."""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows, run
from chassis.principals import Principal
from chassis.versions import require_version
from contracts.intake import Regime
from services.sla import tables
from services.sla.administration.actions.decisions import Decided, follow, refusing_nonsense
from services.sla.administration.schemas.settings import SettingsBody, describe_settings
from services.sla.policies.queries import lock_region_config
from services.sla.policies.rules.escalation import EscalationPolicy, dump_level

_STORE: Final = (
    "INSERT INTO sla.setting (region, version, minimum_sample, due_soon_hours, changed_by) "
    "VALUES (:region, :version, :minimum_sample, :due_soon_hours, :changed_by) "
    "ON CONFLICT (region) DO UPDATE SET version = excluded.version, changed_at = now(), "
    "minimum_sample = excluded.minimum_sample, due_soon_hours = excluded.due_soon_hours, "
    "changed_by = excluded.changed_by"
)


async def change_settings(
    session: AsyncSession,
    principal: Principal,
    region: str,
    expected_version: int,
    body: SettingsBody,
) -> Decided:
    """Replace the settings (412 on another version, 422 for an impossible escalation policy); what is still to be
    sent follows."""
    with refusing_nonsense():
        escalation_policies: dict[Regime, EscalationPolicy] = body.ladder.parse()
    before = await lock_region_config(session, region)
    require_version(before.settings_version, expected_version)
    body.require_unchanged(describe_settings(before))
    await run(
        session,
        _STORE,
        region=region,
        version=before.settings_version + 1,
        minimum_sample=body.minimum_sample,
        due_soon_hours=body.due_soon_hours,
        changed_by=principal.client_id,
    )
    await run(session, "DELETE FROM sla.escalation_level WHERE region = :region", region=region)
    levels = [
        tables.EscalationLevel(region=region, regime=regime, level=level.number, data=dump_level(level))
        for regime, policy in escalation_policies.items()
        for level in policy.levels
    ]
    await insert_rows(session, tables.escalation_level, levels)
    return await follow(session, before, "ladder")
