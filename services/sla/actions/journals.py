"""Facts into the journals of their appeals, and out of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows
from chassis.db.driver import fetch
from services.sla.models.packed import FACT_COLUMNS, pack_fact, read_fact
from services.sla.models.tables import appeal, journal
from services.sla.rules.facts import AssignmentCreated, AssignmentFact, Fact

AppealKey = tuple[str, str]  # region, appeal id


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact of an appeal; `client_id` and `received_at` where the event says them."""

    region: str
    appeal_id: str
    fact: Fact
    client_id: str | None = None
    received_at: datetime | None = None

    @property
    def key(self) -> AppealKey:
        return self.region, self.appeal_id


@dataclass(frozen=True, slots=True)
class Locked:
    """Appeals whose clocks this transaction may change: key → number of the change. `now`: the database clock."""

    sequences: Mapping[AppealKey, int]
    now: datetime


def arrays_of(keys: Iterable[AppealKey]) -> tuple[list[str], list[str]]:
    """Regions and appeal ids as two sorted arrays, for `= ANY`."""
    known = sorted(keys)
    return sorted({region for region, _ in known}), [appeal_id for _, appeal_id in known]


Told = Mapping[AppealKey, tuple[str | None, datetime | None]]  # client id and registration, where known


def gather(entries: Iterable[Entry]) -> Told:
    """What the facts tell of their appeals themselves."""
    told: dict[AppealKey, tuple[str | None, datetime | None]] = {}
    for entry in entries:
        client_id, received_at = told.get(entry.key, (None, None))
        told[entry.key] = (entry.client_id or client_id, entry.received_at or received_at)
    return told


async def lock_appeals(session: AsyncSession, told: Told) -> Locked:
    """Take the rows of appeals (at least one), in order, making those that are missing. Those that were taken back are not
    among the locked: nobody counts them any more."""
    rows = [
        {"region": region, "appeal_id": appeal_id, "client_id": client_id, "received_at": received_at}
        for (region, appeal_id), (client_id, received_at) in sorted(told.items())
    ]
    returned = await insert_rows(
        session,
        appeal,
        rows,
        on_conflict="(region, appeal_id) DO UPDATE SET sequence = appeal.sequence + 1, "
        "client_id = coalesce(appeal.client_id, excluded.client_id), "
        "received_at = coalesce(appeal.received_at, excluded.received_at)",
        returning="region, appeal_id::text, sequence, removed_at, now() AS now",
    )
    standing = {(row.region, row.appeal_id): row.sequence for row in returned if row.removed_at is None}
    return Locked(standing, returned[0].now)


async def lock_unrouted(session: AsyncSession, keys: Sequence[AppealKey]) -> list[AppealKey]:
    """Those of the appeals that were heard of once only, locked in order."""
    rows = await fetch(
        session,
        "SELECT region, appeal_id::text FROM sla.appeal WHERE sequence = 1 AND removed_at IS NULL "
        "AND region = ANY($1::text[]) AND appeal_id = ANY($2::uuid[]) ORDER BY region, appeal_id FOR UPDATE",
        *arrays_of(keys),
    )
    return [(region, appeal_id) for region, appeal_id in rows]


async def find_unrouted(session: AsyncSession, limit: int) -> list[AppealKey]:
    """Appeals that were heard of once only."""
    rows = await session.execute(
        text(
            "SELECT region, appeal_id::text FROM sla.appeal WHERE sequence = 1 AND removed_at IS NULL "
            "ORDER BY appeal_id LIMIT :limit"
        ),
        {"limit": limit},
    )
    return [(region, appeal_id) for region, appeal_id in rows]


async def keep_facts(session: AsyncSession, entries: Iterable[Entry]) -> None:
    """Append; a fact that is there already is left alone."""
    rows = {
        (entry.region, entry.appeal_id, entry.fact.event_id): {
            "region": entry.region,
            "appeal_id": entry.appeal_id,
            "event_id": entry.fact.event_id,
            "kind": type(entry.fact).__name__,
            "at": entry.fact.at,
            "assignment_id": entry.fact.assignment_id
            if isinstance(entry.fact, AssignmentFact | AssignmentCreated)
            else None,
            "packed": pack_fact(entry.fact),
        }
        for entry in entries
    }
    await insert_rows(session, journal, [rows[key] for key in sorted(rows)], on_conflict="DO NOTHING")


async def read_facts(session: AsyncSession, keys: Sequence[AppealKey]) -> dict[AppealKey, list[Fact]]:
    """The journals of many appeals in one statement."""
    rows = await fetch(
        session,
        f"SELECT region, appeal_id::text, {FACT_COLUMNS} FROM sla.journal "
        "WHERE region = ANY($1::text[]) AND appeal_id = ANY($2::uuid[])",
        *arrays_of(keys),
    )
    facts: dict[AppealKey, list[Fact]] = {key: [] for key in keys}
    for region, appeal_id, *columns in rows:
        if (region, appeal_id) in facts:
            facts[region, appeal_id].append(read_fact(*columns))
    return facts
