"""The catalogues of regions, read from the database once per change and kept in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.sla.rules.catalogues import (
    DUE_SOON_HOURS,
    MINIMUM_SAMPLE,
    CalendarEdit,
    Catalogue,
    HoursEdit,
)
from services.sla.rules.defaults import default_policies
from services.sla.rules.ladder import Rung, default_ladder, parse_rung
from services.sla.rules.policies import Policy, Regime, parse_policy

_VERSIONS = """
SELECT r.region, coalesce(c.version, 0) AS version
FROM unnest(CAST(:regions AS text[])) AS r(region) LEFT JOIN sla.catalogue c ON c.region = r.region
"""
_CONTENTS: Mapping[str, str] = {
    "policy": "SELECT data FROM sla.policy WHERE region = :region ORDER BY policy_id, version",
    "calendar": "SELECT version, created_at, data FROM sla.calendar WHERE region = :region ORDER BY version",
    "office_hours": "SELECT organisation_id, calendar_version, hours FROM sla.office_hours WHERE region = :region "
    "ORDER BY organisation_id, calendar_version",
    "ladder": "SELECT regime, rung FROM sla.ladder WHERE region = :region ORDER BY regime, level",
    "setting": "SELECT version, minimum_sample, due_soon_hours FROM sla.setting WHERE region = :region",
}

# By connection pool: one database, whichever session asks.
_kept: WeakKeyDictionary[Any, dict[str, Catalogue]] = WeakKeyDictionary()


async def read_catalogues(session: AsyncSession, regions: Iterable[str]) -> dict[str, Catalogue]:
    """Catalogue of each region: one statement when they are known. Not for a transaction that decides itself."""
    kept = _kept.setdefault(session.get_bind().engine.pool, {})
    found = {}
    rows = await session.execute(text(_VERSIONS), {"regions": sorted(set(regions))})
    for region, version in list(rows):
        catalogue = kept.get(region)
        if catalogue is None or catalogue.version != version:
            catalogue = kept[region] = await _load(session, region, version)
        found[region] = catalogue
    return found


async def read_catalogue(session: AsyncSession, region: str) -> Catalogue:
    """The catalogue of one region."""
    return (await read_catalogues(session, [region]))[region]


async def lock_catalogue(session: AsyncSession, region: str) -> Catalogue:
    """The region's catalogue before a decision; whoever decides next waits for this transaction.

    Its `version` is already counted on. Never kept: nobody knows yet whether the decision will be committed.
    """
    version = await session.scalar(
        text(
            "INSERT INTO sla.catalogue (region, version) VALUES (:region, 1) "
            "ON CONFLICT (region) DO UPDATE SET version = catalogue.version + 1 RETURNING version"
        ),
        {"region": region},
    )
    return await _load(session, region, version or 0)


async def renew_catalogue(session: AsyncSession, before: Catalogue) -> Catalogue:
    """The catalogue with the decision just written, once no handler works with the old one any more."""
    await session.execute(text(_LOCK.format(kind="")), {"regions": [before.region]})
    return await _load(session, before.region, before.version)


async def hold_catalogues(session: AsyncSession, regions: Iterable[str]) -> None:
    """Nobody may decide for these regions until this transaction ends (clocks it creates would be missed)."""
    await session.execute(text(_LOCK.format(kind="_shared")), {"regions": sorted(set(regions))})


_LOCK = (
    "SELECT pg_advisory_xact_lock{kind}(hashtext('otklik sla catalogue'), hashtext(r.region)) "
    "FROM unnest(CAST(:regions AS text[])) AS r(region)"
)


async def _load(session: AsyncSession, region: str, version: int) -> Catalogue:
    rows = {
        name: list(await session.execute(text(sql), {"region": region})) for name, sql in _CONTENTS.items()
    }
    minimum_sample, due_soon, settings_version = MINIMUM_SAMPLE, DUE_SOON_HOURS, 1
    for row in rows["setting"]:
        settings_version, minimum_sample, due_soon = row
    hours: dict[str, list[HoursEdit]] = defaultdict(list)
    for row in rows["office_hours"]:
        hours[str(row.organisation_id)].append(HoursEdit(row.calendar_version, _read(row.hours)))
    return Catalogue(
        region=region,
        version=version,
        policies=_with_defaults(region, [parse_policy(_read(row.data)) for row in rows["policy"]]),
        ladders=_with_default_ladders([(row.regime, parse_rung(_read(row.rung))) for row in rows["ladder"]]),
        calendars=[CalendarEdit(row.version, row.created_at, _read(row.data)) for row in rows["calendar"]],
        hours=hours,
        minimum_sample=minimum_sample,
        due_soon_hours=due_soon,
        settings_version=settings_version,
    )


def _with_defaults(region: str, stored: list[Policy]) -> list[Policy]:
    """Defaults are in force without any set-up; a later version of one is stored under its id."""
    return [*default_policies(region), *stored]


def _with_default_ladders(stored: Iterable[tuple[Regime, Rung]]) -> dict[Regime, list[Rung]]:
    ladders: dict[Regime, list[Rung]] = {}
    for regime, rung in stored:
        ladders.setdefault(regime, []).append(rung)
    regimes: tuple[Regime, ...] = ("statutory", "message")
    return {regime: ladders.get(regime) or default_ladder(regime) for regime in regimes}


def _read(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str | bytes) else value
