"""Running clocks follow a decision (calendar, policy, ladder) or are rebuilt, a batch of appeals at a time.

Within a batch the clocks, their timers and what is said of them change together. The first batch belongs to the
decision's own transaction, the rest is worked through by a background task of any replica.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.wake_ups import wake_after_commit
from services.sla.actions.clocks import recount
from services.sla.actions.journals import AppealKey, Entry, keep_facts, lock_appeals, read_facts
from services.sla.models.catalogue import read_catalogue
from services.sla.rules.catalogues import Catalogue
from services.sla.rules.clocks import fold_clocks
from services.sla.rules.facts import Fact, PolicyReapplied
from services.sla.rules.policies import ClockKind
from services.sla.rules.waking import REDATINGS

FIRST_BATCH: Final = 200
_COLUMNS = "redating_id, region, cause, everything, policy_id, clock, appeal_id, attempts, created_at"
_OPEN = "SELECT DISTINCT appeal_id FROM sla.clock WHERE region = :region AND ended_at IS NULL AND appeal_id > :after"
_ALL = "SELECT appeal_id FROM sla.appeal WHERE region = :region AND appeal_id > :after"


@dataclass(frozen=True, slots=True)
class Redating:
    """Work left: appeals of the region after `appeal_id`. `policy_id` and `clock`: a policy is re-applied."""

    redating_id: UUID
    region: str
    cause: str
    everything: bool
    policy_id: UUID | None
    clock: ClockKind | None
    appeal_id: UUID
    attempts: int
    created_at: datetime


async def start_redating(
    session: AsyncSession,
    catalogue: Catalogue,
    cause: str,
    *,
    policy_id: UUID | None = None,
    clock: ClockKind | None = None,
) -> bool:
    """Let the region's running clocks follow a decision of this transaction; True when all have already."""
    redating = await _queue(session, catalogue.region, cause, False, policy_id, clock)
    return await continue_redating(session, redating, catalogue, FIRST_BATCH)


async def queue_rebuild(session: AsyncSession, region: str) -> None:
    """Recount every appeal of a region from its journal."""
    await _queue(session, region, "rebuild", True, None, None)


async def rebuild_appeals(session: AsyncSession, keys: Sequence[AppealKey]) -> set[AppealKey]:
    """Recount these appeals from their journals now; those whose clocks differed."""
    if not keys:
        return set()
    locked = await lock_appeals(session, dict.fromkeys(keys, (None, None)))
    catalogues = {
        region: await read_catalogue(session, region) for region in sorted({key[0] for key in keys})
    }
    return await recount(session, locked, catalogues, rearm=True)


async def take_redating(session: AsyncSession) -> Redating | None:
    """The oldest unfinished one that nobody works on just now."""
    row = (
        await session.execute(
            text(f"SELECT {_COLUMNS} FROM sla.redating ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED")
        )
    ).one_or_none()
    return Redating(*row) if row else None


async def continue_redating(
    session: AsyncSession, redating: Redating, catalogue: Catalogue, limit: int
) -> bool:
    """Recount the next appeals; True when nothing is left."""
    ids = await _find_appeals(session, redating, limit)
    keys = [(redating.region, str(appeal_id)) for appeal_id in ids]
    if keys:
        locked = await lock_appeals(session, dict.fromkeys(keys, (None, None)))
        if redating.policy_id:
            await _reapply(session, redating, catalogue, keys, locked.now)
        await recount(session, locked, {redating.region: catalogue}, rearm=True)
    finished = len(ids) < limit
    await _advance(session, redating, None if finished else ids[-1])
    return finished


async def skip_appeal(session: AsyncSession, redating: Redating, limit: int) -> None:
    """After an error: go on one by one, and leave out the appeal that cannot be counted."""
    if redating.attempts == 0:
        await session.execute(
            text("UPDATE sla.redating SET attempts = 1 WHERE redating_id = :id"), {"id": redating.redating_id}
        )
        return
    ids = await _find_appeals(session, redating, limit)
    await _advance(session, redating, ids[-1] if ids else None)


async def _find_appeals(session: AsyncSession, redating: Redating, limit: int) -> list[UUID]:
    found = await session.scalars(
        text(f"{_ALL if redating.everything else _OPEN} ORDER BY appeal_id LIMIT :limit"),
        {"region": redating.region, "after": redating.appeal_id, "limit": limit},
    )
    return list(found)


async def _advance(session: AsyncSession, redating: Redating, after: UUID | None) -> None:
    statement = (
        "DELETE FROM sla.redating WHERE redating_id = :id"
        if after is None
        else "UPDATE sla.redating SET appeal_id = :after WHERE redating_id = :id"
    )
    parameters = {"id": redating.redating_id} | ({} if after is None else {"after": after})
    await session.execute(text(statement), parameters)


async def _queue(
    session: AsyncSession,
    region: str,
    cause: str,
    everything: bool,
    policy_id: UUID | None,
    clock: str | None,
) -> Redating:
    row = await session.execute(
        text(
            "INSERT INTO sla.redating (redating_id, region, cause, everything, policy_id, clock, appeal_id) "
            f"VALUES (:id, :region, :cause, :everything, :policy_id, :clock, :after) RETURNING {_COLUMNS}"
        ),
        {
            "id": uuid7(),
            "region": region,
            "cause": cause,
            "everything": everything,
            "policy_id": policy_id,
            "clock": clock,
            "after": UUID(int=0),
        },
    )
    wake_after_commit(session, REDATINGS)
    return Redating(*row.one())


async def _reapply(
    session: AsyncSession, redating: Redating, catalogue: Catalogue, keys: Sequence[AppealKey], now: datetime
) -> None:
    """Write the re-application into the journals of those appeals that it concerns, so that a rebuild knows it."""
    journals = await read_facts(session, keys)
    entries = []
    for key, facts in journals.items():
        fact = PolicyReapplied(
            event_id=str(uuid5(redating.redating_id, key[1])), at=redating.created_at, clock=redating.clock
        )
        if _concerns(key[1], facts, fact, catalogue, str(redating.policy_id), now):
            entries.append(Entry(*key, fact))
    await keep_facts(session, entries)


def _concerns(
    appeal_id: str,
    facts: Sequence[Fact],
    reapplied: Fact,
    catalogue: Catalogue,
    policy_id: str,
    now: datetime,
) -> bool:
    before, after = (
        {
            clock.key: (clock.policy_id, clock.policy_version)
            for clock in fold_clocks(appeal_id, journal, catalogue.policies, catalogue.calendar_of, now)
        }
        for journal in (facts, [*facts, reapplied])
    )
    return any(
        before[key] != after[key] and policy_id in (before[key][0], after[key][0])
        for key in before.keys() & after.keys()
    )
