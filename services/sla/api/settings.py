"""A region's ladder and thresholds."""

from __future__ import annotations

from fastapi import APIRouter

from chassis.db import Reading, Transaction
from chassis.problems import Unprocessable
from chassis.security import AdminOnly
from chassis.versions import SeenVersion
from services.sla.actions import settings as actions
from services.sla.models.catalogue import read_catalogue
from services.sla.rules.catalogues import Catalogue
from services.sla.rules.ladder import Rung, dump_rung, parse_rung
from services.sla.rules.policies import Regime
from services.sla.schemas.settings import Ladders, SettingsBody, SettingsView
from services.sla.schemas.types import Region

router = APIRouter(prefix="/api/v1/settings", tags=["settings"])


@router.get("/{region}/sla")
async def show_sla_settings(principal: AdminOnly, session: Reading, region: Region) -> SettingsView:
    """The settings in force."""
    principal.require_region(region)
    return _show(await read_catalogue(session, region))


@router.put("/{region}/sla")
async def change_sla_settings(
    principal: AdminOnly, session: Transaction, region: Region, seen: SeenVersion, body: SettingsBody
) -> SettingsView:
    """Replace the settings; what is still to be said follows the new ladder."""
    principal.require_region(region)
    decided = await actions.change_settings(
        session, principal, region, seen, _parse(body.ladder), body.minimum_sample, body.due_soon_hours
    )
    return _show(decided.catalogue, settled=decided.settled)


def _parse(ladders: Ladders) -> dict[Regime, list[Rung]]:
    try:
        return {
            "statutory": [parse_rung(rung.as_data()) for rung in ladders.statutory],
            "message": [parse_rung(rung.as_data()) for rung in ladders.message],
        }
    except ValueError as error:
        raise Unprocessable(str(error)) from None


def _show(catalogue: Catalogue, *, settled: bool = True) -> SettingsView:
    return SettingsView(
        region=catalogue.region,
        version=catalogue.settings_version,
        ladder={
            regime: [dump_rung(rung) for rung in known.rungs] for regime, known in catalogue.ladders.items()
        },
        minimum_sample=catalogue.minimum_sample,
        due_soon_hours=catalogue.due_soon_hours,
        settled=settled,
    )
