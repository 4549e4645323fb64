"""The configurations of regions, read from the database once per change and cached."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows, run, scalar
from contracts.intake import Regime
from services.sla.policies.rules.defaults import default_policies
from services.sla.policies.rules.escalation import (
    EscalationLevel,
    EscalationPolicy,
    default_levels,
    parse_level,
)
from services.sla.policies.rules.policies import PolicySet, parse_policy
from services.sla.policies.rules.region_config import (
    DUE_SOON_HOURS,
    MINIMUM_SAMPLE,
    CalendarEdit,
    HoursEdit,
    RegionConfig,
)
from services.sla.tables import RegionVersion

_VERSIONS: Final = """
SELECT r.region, coalesce(c.version, 0) AS version
FROM unnest(:regions::text[]) AS r(region) LEFT JOIN sla.region_version c ON c.region = r.region
"""
_CONTENTS: Final = """
SELECT r.region,
    (SELECT json_agg(p.data ORDER BY p.policy_id, p.version) FROM sla.policy p WHERE p.region = r.region)
        AS policies,
    (SELECT json_agg(json_build_array(c.version, c.created_at, c.data) ORDER BY c.version)
        FROM sla.calendar c WHERE c.region = r.region) AS calendars,
    (SELECT json_agg(json_build_array(o.organisation_id, o.calendar_version, o.hours) ORDER BY o.calendar_version)
        FROM sla.office_hours o WHERE o.region = r.region) AS hours,
    (SELECT json_agg(json_build_array(l.regime, l.data) ORDER BY l.level) FROM sla.escalation_level l WHERE l.region = r.region)
        AS levels,
    (SELECT json_build_array(s.version, s.minimum_sample, s.due_soon_hours)
        FROM sla.setting s WHERE s.region = r.region) AS setting
FROM unnest(:regions::text[]) AS r(region)
"""
_LOCK: Final = (
    "SELECT pg_advisory_xact_lock{kind}(hashtext('otklik sla region config'), hashtext(r.region)) "
    "FROM unnest(:regions::text[]) AS r(region)"
)
_NEXT_VERSION: Final = (
    "INSERT INTO sla.region_version (region, version) VALUES (:region, 1) "
    "ON CONFLICT (region) DO UPDATE SET version = region_version.version + 1 RETURNING version"
)

# By connection pool: one database, whichever session asks.
_kept: WeakKeyDictionary[Any, dict[str, RegionConfig]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class _Contents:
    """Everything a region has decided; None: nothing of the kind yet."""

    region: str
    policies: Sequence[Mapping[str, Any]] | None
    calendars: Sequence[tuple[int, str, Mapping[str, Any]]] | None
    hours: Sequence[tuple[str, int, Mapping[str, Any] | None]] | None
    levels: Sequence[tuple[Regime, Mapping[str, Any]]] | None
    setting: tuple[int, int, int] | None

    def build(self, version: int) -> RegionConfig:
        """Defaults are in force without any set-up; a later version of a default policy is stored under its id."""
        hours: dict[str, list[HoursEdit]] = defaultdict(list)
        for organisation_id, calendar_version, week in self.hours or ():
            hours[organisation_id].append(HoursEdit(calendar_version, week))
        settings_version, minimum_sample, due_soon = self.setting or (1, MINIMUM_SAMPLE, DUE_SOON_HOURS)
        return RegionConfig(
            region=self.region,
            version=version,
            policies=PolicySet((*default_policies(self.region), *map(parse_policy, self.policies or ()))),
            escalation_policies={regime: self._escalation_of(regime) for regime in ("statutory", "message")},
            calendars=[
                CalendarEdit(number, datetime.fromisoformat(since), data)
                for number, since, data in self.calendars or ()
            ],
            hours=hours,
            minimum_sample=minimum_sample,
            due_soon_hours=due_soon,
            settings_version=settings_version,
        )

    def _escalation_of(self, regime: Regime) -> EscalationPolicy:
        own: list[EscalationLevel] = [parse_level(level) for of, level in self.levels or () if of == regime]
        return EscalationPolicy(own or default_levels(regime))


async def read_region_configs(session: AsyncSession, regions: Iterable[str]) -> dict[str, RegionConfig]:
    """Configuration of each region: one statement when they are known. Not for a transaction that decides itself."""
    kept = _kept.setdefault(session.get_bind().engine.pool, {})
    found = await rows(session, RegionVersion, _VERSIONS, regions=sorted(set(regions)))
    versions = {each.region: each.version for each in found}
    outdated = {
        region: version
        for region, version in versions.items()
        if region not in kept or kept[region].version != version
    }
    if outdated:
        kept.update(await _load(session, outdated))
    return {region: kept[region] for region in versions}


async def read_region_config(session: AsyncSession, region: str) -> RegionConfig:
    """The configuration of one region."""
    return (await read_region_configs(session, [region]))[region]


async def lock_region_config(session: AsyncSession, region: str) -> RegionConfig:
    """The region's configuration before a decision; whoever decides next waits for this transaction, as does who counts clocks.

    Its `version` is already counted on. Never cached: nobody knows yet whether the decision will be committed.
    """
    version = await scalar(session, int, _NEXT_VERSION, region=region)
    await run(session, _LOCK.format(kind=""), regions=[region])
    return (await _load(session, {region: version or 0}))[region]


async def decision_time(session: AsyncSession) -> datetime:
    """From when on a decision holds, once the configuration is locked: whoever counted by the one before has done so, and
    what happens from now on is counted by the next."""
    now = await scalar(session, datetime, "SELECT clock_timestamp()")
    assert now is not None, "the database knows the time"
    return now


async def renew_region_config(session: AsyncSession, before: RegionConfig) -> RegionConfig:
    """The configuration with the decision just written."""
    return (await _load(session, {before.region: before.version}))[before.region]


async def hold_region_configs(session: AsyncSession, regions: Iterable[str]) -> None:
    """Nobody may decide for these regions until this transaction ends (clocks it creates would be missed)."""
    await run(session, _LOCK.format(kind="_shared"), regions=sorted(set(regions)))


async def _load(session: AsyncSession, versions: Mapping[str, int]) -> dict[str, RegionConfig]:
    """Everything of these regions in one statement: a process that has just started has timers to fire."""
    found = await rows(session, _Contents, _CONTENTS, regions=sorted(versions))
    return {each.region: each.build(versions[each.region]) for each in found}
