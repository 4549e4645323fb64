"""The catalogues of regions, read from the database once per change and kept in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db.driver import fetch
from services.sla.rules.catalogues import (
    DUE_SOON_HOURS,
    MINIMUM_SAMPLE,
    CalendarEdit,
    Catalogue,
    HoursEdit,
)
from services.sla.rules.defaults import default_policies
from services.sla.rules.ladder import Rung, default_ladder, parse_rung
from services.sla.rules.policies import Policy, PolicyBook, Regime, parse_policy
from services.sla.rules.settlements import Ladder

_VERSIONS = """
SELECT r.region, coalesce(c.version, 0) AS version
FROM unnest($1::text[]) AS r(region) LEFT JOIN sla.catalogue c ON c.region = r.region
"""
_CONTENTS = """
SELECT r.region,
    (SELECT json_agg(p.data ORDER BY p.policy_id, p.version) FROM sla.policy p WHERE p.region = r.region),
    (SELECT json_agg(json_build_array(c.version, c.created_at, c.data) ORDER BY c.version)
        FROM sla.calendar c WHERE c.region = r.region),
    (SELECT json_agg(json_build_array(o.organisation_id, o.calendar_version, o.hours) ORDER BY o.calendar_version)
        FROM sla.office_hours o WHERE o.region = r.region),
    (SELECT json_agg(json_build_array(l.regime, l.rung) ORDER BY l.level) FROM sla.ladder l WHERE l.region = r.region),
    (SELECT json_build_array(s.version, s.minimum_sample, s.due_soon_hours)
        FROM sla.setting s WHERE s.region = r.region)
FROM unnest(CAST(:regions AS text[])) AS r(region)
"""

# By connection pool: one database, whichever session asks.
_kept: WeakKeyDictionary[Any, dict[str, Catalogue]] = WeakKeyDictionary()


async def read_catalogues(session: AsyncSession, regions: Iterable[str]) -> dict[str, Catalogue]:
    """Catalogue of each region: one statement when they are known. Not for a transaction that decides itself."""
    kept = _kept.setdefault(session.get_bind().engine.pool, {})
    rows = await fetch(session, _VERSIONS, sorted(set(regions)))
    versions: dict[str, int] = {row.region: row.version for row in rows}
    unknown = {
        region: version
        for region, version in versions.items()
        if region not in kept or kept[region].version != version
    }
    if unknown:
        kept.update(await _load(session, unknown))
    return {region: kept[region] for region in versions}


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
    return (await _load(session, {region: version or 0}))[region]


async def renew_catalogue(session: AsyncSession, before: Catalogue) -> Catalogue:
    """The catalogue with the decision just written, once no handler works with the old one any more."""
    await fetch(session, _LOCK.format(kind=""), [before.region])
    return (await _load(session, {before.region: before.version}))[before.region]


async def hold_catalogues(session: AsyncSession, regions: Iterable[str]) -> None:
    """Nobody may decide for these regions until this transaction ends (clocks it creates would be missed)."""
    await fetch(session, _LOCK.format(kind="_shared"), sorted(set(regions)))


_LOCK = (
    "SELECT pg_advisory_xact_lock{kind}(hashtext('otklik sla catalogue'), hashtext(r.region)) "
    "FROM unnest($1::text[]) AS r(region)"
)


async def _load(session: AsyncSession, versions: Mapping[str, int]) -> dict[str, Catalogue]:
    """Everything of these regions in one statement: a process that has just started has timers to fire."""
    rows = await session.execute(text(_CONTENTS), {"regions": sorted(versions)})
    return {
        row[0]: _build(row[0], versions[row[0]], *([] if part is None else _read(part) for part in row[1:]))
        for row in rows
    }


def _build(
    region: str, version: int, policies: Any, calendars: Any, hours: Any, ladder: Any, setting: Any
) -> Catalogue:
    own_hours: dict[str, list[HoursEdit]] = defaultdict(list)
    for organisation_id, calendar_version, week in hours:
        own_hours[organisation_id].append(HoursEdit(calendar_version, week))
    settings_version, minimum_sample, due_soon = setting or (1, MINIMUM_SAMPLE, DUE_SOON_HOURS)
    return Catalogue(
        region=region,
        version=version,
        policies=_with_defaults(region, [parse_policy(data) for data in policies]),
        ladders=_with_default_ladders([(regime, parse_rung(rung)) for regime, rung in ladder]),
        calendars=[
            CalendarEdit(number, datetime.fromisoformat(since), data) for number, since, data in calendars
        ],
        hours=own_hours,
        minimum_sample=minimum_sample,
        due_soon_hours=due_soon,
        settings_version=settings_version,
    )


def _with_defaults(region: str, stored: list[Policy]) -> PolicyBook:
    """Defaults are in force without any set-up; a later version of one is stored under its id."""
    return PolicyBook((*default_policies(region), *stored))


def _with_default_ladders(stored: Iterable[tuple[Regime, Rung]]) -> dict[Regime, Ladder]:
    ladders: dict[Regime, list[Rung]] = {}
    for regime, rung in stored:
        ladders.setdefault(regime, []).append(rung)
    regimes: tuple[Regime, ...] = ("statutory", "message")
    return {regime: Ladder(ladders.get(regime) or default_ladder(regime)) for regime in regimes}


def _read(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str | bytes) else value
