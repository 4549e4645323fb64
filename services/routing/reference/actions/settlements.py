"""Settlements and streets of a region: created or changed, set-wise."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows
from services.routing.reference.schemas.settlements import SettlementRow, StreetRow
from services.routing.tables.reference import StoredSettlement, Street, settlement, street

_COLUMNS = (
    "name",
    "kind",
    "municipality",
    "oktmo",
    "formation",
    "lat",
    "lon",
    "population",
    "aliases",
    "namesakes",
)
_CHANGE = (
    f"(region, code) DO UPDATE SET {', '.join(f'{each} = excluded.{each}' for each in _COLUMNS)} "
    f"WHERE ROW({', '.join(f'settlement.{each}' for each in _COLUMNS)}) "
    f"IS DISTINCT FROM ROW({', '.join(f'excluded.{each}' for each in _COLUMNS)})"
)
_KEEP = "(region, settlement, name) DO NOTHING"


async def put_settlements(session: AsyncSession, region: str, settlements: Sequence[SettlementRow]) -> int:
    """Upsert; returns how many are new or different. Of equal codes the last counts."""
    by_code = {each.code: _stored(region, each) for each in settlements}
    rows = [by_code[code] for code in sorted(by_code)]
    return len(await insert_rows(session, settlement, rows, on_conflict=_CHANGE, returning="code"))


def _stored(region: str, row: SettlementRow) -> StoredSettlement:
    return StoredSettlement(
        region=region,
        code=row.code,
        name=row.name,
        kind=row.kind or "",
        municipality=row.municipality,
        oktmo=row.oktmo,
        formation=row.formation or "",
        lat=row.lat,
        lon=row.lon,
        population=row.population,
        aliases=[alias for alias in row.aliases if alias.strip()],
        namesakes=row.namesakes,
    )


async def put_streets(session: AsyncSession, region: str, streets: Sequence[StreetRow]) -> int:
    """Add those that are new; returns how many."""
    named = sorted({(each.settlement, each.name) for each in streets})
    rows = [Street(region, code, name) for code, name in named]
    return len(await insert_rows(session, street, rows, on_conflict=_KEEP, returning="name"))
