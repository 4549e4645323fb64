"""A region's ladder, thresholds and minimum sample."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows
from chassis.problems import Unprocessable
from chassis.security import Principal
from chassis.versions import require_version
from services.sla.administration.actions.calendars import Decided
from services.sla.administration.schemas.settings import SettingsBody, describe_settings
from services.sla.clocks.actions.recalculations import start_redating
from services.sla.policies.queries import lock_catalogue, renew_catalogue
from services.sla.rules.ladder import Rung, dump_rung, parse_rung
from services.sla.rules.policies import Regime
from services.sla.rules.settlements import Ladder
from services.sla.tables import ladder as ladder_table


async def change_settings(
    session: AsyncSession,
    principal: Principal,
    region: str,
    seen: int,
    body: SettingsBody,
) -> Decided:
    """Replace the settings (412 on another version, 422 for an impossible ladder); what is still to be said follows."""
    ladders = _read_ladders(body)
    before = await lock_catalogue(session, region)
    require_version(before.settings_version, seen)
    body.require_unchanged(describe_settings(before))
    await session.execute(
        text(
            "INSERT INTO sla.setting (region, version, minimum_sample, due_soon_hours, changed_by) "
            "VALUES (:region, :version, :minimum_sample, :due_soon_hours, :changed_by) "
            "ON CONFLICT (region) DO UPDATE SET version = excluded.version, changed_at = now(), "
            "minimum_sample = excluded.minimum_sample, due_soon_hours = excluded.due_soon_hours, "
            "changed_by = excluded.changed_by"
        ),
        {
            "region": region,
            "version": before.settings_version + 1,
            "minimum_sample": body.minimum_sample,
            "due_soon_hours": body.due_soon_hours,
            "changed_by": principal.client_id,
        },
    )
    await session.execute(text("DELETE FROM sla.ladder WHERE region = :region"), {"region": region})
    rows = [
        {"region": region, "regime": regime, "level": rung.level, "rung": dump_rung(rung)}
        for regime, rungs in ladders.items()
        for rung in rungs
    ]
    await insert_rows(session, ladder_table, rows)
    catalogue = await renew_catalogue(session, before)
    return Decided(catalogue, await start_redating(session, catalogue, "ladder"))


def _read_ladders(body: SettingsBody) -> dict[Regime, Sequence[Rung]]:
    try:
        ladders: dict[Regime, Sequence[Rung]] = {
            "statutory": [parse_rung(rung.as_data()) for rung in body.ladder.statutory],
            "message": [parse_rung(rung.as_data()) for rung in body.ladder.message],
        }
        for rungs in ladders.values():
            Ladder(rungs)
    except ValueError as error:
        raise Unprocessable(str(error)) from None
    return ladders
