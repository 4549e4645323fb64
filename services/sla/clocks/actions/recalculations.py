"""Running clocks follow a decision (calendar, policy, escalation) or are rebuilt, a batch of appeals at a time.

Within a batch the clocks, their timers and what is announced of them change together. The first batch belongs to the
decision's own transaction, the rest is worked through by a background task of any replica.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import column, row, run
from chassis.wake_ups import wake_after_commit
from contracts.sla import ClockKind
from services.sla.clocks.actions.journals import append_entries, lock_appeals, read_facts
from services.sla.clocks.actions.recount import recount
from services.sla.clocks.rules.events import JournalEntry
from services.sla.clocks.rules.facts import Fact, PolicyReapplied
from services.sla.clocks.rules.fold import fold_clocks
from services.sla.keys import AppealKey
from services.sla.policies.queries import hold_region_configs, read_region_config
from services.sla.policies.rules.region_config import RegionConfig
from services.sla.tables import Recalculation

RECALCULATIONS: Final = "recalculations"
"""What ends the rest of the worker that goes on."""
PolicyVersions = Mapping[str, tuple[str | None, int | None]]  # clock → policy and version
FIRST_BATCH: Final = 200
_COLUMNS: Final = ", ".join(field.name for field in fields(Recalculation))
_OPEN: Final = "SELECT DISTINCT appeal_id FROM sla.clock WHERE region = :region AND ended_at IS NULL AND appeal_id > :after"
_ALL: Final = "SELECT appeal_id FROM sla.appeal WHERE region = :region AND appeal_id > :after"
# By the clock: a policy is applied again after its version has begun, in one transaction.
_QUEUE: Final = f"""
INSERT INTO sla.recalculation (recalculation_id, region, cause, everything, policy_id, clock, appeal_id, created_at)
VALUES (:id, :region, :cause, :everything, :policy_id, :clock, :after, clock_timestamp()) RETURNING {_COLUMNS}
"""


async def start_recalculation(
    session: AsyncSession,
    config: RegionConfig,
    cause: str,
    *,
    policy_id: UUID | None = None,
    clock: ClockKind | None = None,
) -> bool:
    """Let the region's running clocks follow a decision of this transaction; True when all have already."""
    recalculation = await _queue(session, config.region, cause, policy_id=policy_id, clock=clock)
    return await continue_recalculation(session, recalculation, config, FIRST_BATCH)


async def queue_rebuild(session: AsyncSession, region: str) -> None:
    """Recount every appeal of a region from its journal."""
    await _queue(session, region, "rebuild", everything=True)


async def rebuild_appeals(session: AsyncSession, keys: Sequence[AppealKey]) -> set[AppealKey]:
    """Recount these appeals from their journals now; those whose clocks differed."""
    if not keys:
        return set()
    regions = sorted({key.region for key in keys})
    await hold_region_configs(session, regions)
    locked = await lock_appeals(session, keys)
    configs = {region: await read_region_config(session, region) for region in regions}
    return await recount(session, locked, configs, rearm=True)


async def take_recalculation(session: AsyncSession) -> Recalculation | None:
    """The oldest unfinished one that nobody works on just now."""
    statement = f"SELECT {_COLUMNS} FROM sla.recalculation ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED"
    return await row(session, Recalculation, statement)


async def continue_recalculation(
    session: AsyncSession, recalculation: Recalculation, config: RegionConfig, limit: int
) -> bool:
    """Recount the next appeals; True when nothing is left."""
    ids = await _find_appeals(session, recalculation, limit)
    keys = [AppealKey(recalculation.region, str(appeal_id)) for appeal_id in ids]
    if keys:
        locked = await lock_appeals(session, keys)
        if recalculation.policy_id:
            await _reapply(session, recalculation, config, keys, locked.now)
        await recount(session, locked, {recalculation.region: config}, rearm=True)
    finished = len(ids) < limit
    await _advance(session, recalculation, None if finished else ids[-1])
    return finished


async def skip_appeal(session: AsyncSession, recalculation: Recalculation, limit: int) -> None:
    """After an error: go on one by one, and leave out the appeal that cannot be counted."""
    if recalculation.attempts == 0:
        statement = "UPDATE sla.recalculation SET attempts = 1 WHERE recalculation_id = :id"
        await run(session, statement, id=recalculation.recalculation_id)
        return
    ids = await _find_appeals(session, recalculation, limit)
    await _advance(session, recalculation, ids[-1] if ids else None)


async def _find_appeals(session: AsyncSession, recalculation: Recalculation, limit: int) -> list[UUID]:
    statement = f"{_ALL if recalculation.everything else _OPEN} ORDER BY appeal_id LIMIT :limit"
    return await column(
        session, UUID, statement, region=recalculation.region, after=recalculation.appeal_id, limit=limit
    )


async def _advance(session: AsyncSession, recalculation: Recalculation, after: UUID | None) -> None:
    """The appeals up to `after` are done; None: all are."""
    if after is None:
        await run(
            session,
            "DELETE FROM sla.recalculation WHERE recalculation_id = :id",
            id=recalculation.recalculation_id,
        )
    else:
        statement = "UPDATE sla.recalculation SET appeal_id = :after WHERE recalculation_id = :id"
        await run(session, statement, after=after, id=recalculation.recalculation_id)


async def _queue(
    session: AsyncSession,
    region: str,
    cause: str,
    *,
    everything: bool = False,
    policy_id: UUID | None = None,
    clock: str | None = None,
) -> Recalculation:
    values: dict[str, object] = {
        "id": uuid7(),
        "region": region,
        "cause": cause,
        "everything": everything,
        "policy_id": policy_id,
        "clock": clock,
        "after": UUID(int=0),
    }
    queued = await row(session, Recalculation, _QUEUE, **values)
    assert queued is not None, "an insert returns its row"
    wake_after_commit(session, RECALCULATIONS)
    return queued


async def _reapply(
    session: AsyncSession,
    recalculation: Recalculation,
    config: RegionConfig,
    keys: Sequence[AppealKey],
    now: datetime,
) -> None:
    """Write the re-application into the journals of those appeals that it concerns, so that a rebuild knows it."""
    entries = []
    for key, facts in (await read_facts(session, keys)).items():
        fact = PolicyReapplied(
            event_id=str(uuid5(recalculation.recalculation_id, key.appeal_id)),
            at=recalculation.created_at,
            clock=recalculation.clock,
            policy_id=str(recalculation.policy_id),
        )
        policies = [_policies_of(key, each, config, now) for each in (facts, [*facts, fact])]
        if _concerns(str(recalculation.policy_id), *policies):
            entries.append(JournalEntry(key.region, key.appeal_id, fact))
    await append_entries(session, entries)


def _policies_of(
    key: AppealKey, facts: Sequence[Fact], config: RegionConfig, now: datetime
) -> PolicyVersions:
    """By which version of which policy each clock of an appeal runs."""
    clocks = fold_clocks(key.appeal_id, facts, config.policies, config.calendar_of, now)
    return {clock.key: (clock.policy_id, clock.policy_version) for clock in clocks}


def _concerns(policy_id: str, before: PolicyVersions, after: PolicyVersions) -> bool:
    """Whether a clock comes under the policy, leaves it, or gets another version of it."""
    return any(
        before[key] != after[key] and policy_id in (before[key][0], after[key][0])
        for key in before.keys() & after.keys()
    )
