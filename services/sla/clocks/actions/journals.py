"""Facts into the journals of their appeals, and out of them; the appeal's row is the lock under which its clocks
change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows, rows, run, scalar
from chassis.db.statements import typed
from services.sla import tables
from services.sla.clocks.rules.events import JournalEntry
from services.sla.clocks.rules.facts import Fact
from services.sla.clocks.rules.packed import FACT_COLUMNS, PackedFact, pack_fact
from services.sla.keys import AppealKey, arrays_of

_OF = "region = ANY(:regions::text[]) AND appeal_id = ANY(:ids::uuid[])"
_UNROUTED = (
    "SELECT region, appeal_id::text, client_id, received_at, municipality FROM sla.appeal "
    "WHERE sequence = 1 AND removed_at IS NULL"
)


@dataclass(slots=True)
class KnownAppeal:
    """What events contain of an appeal itself, as far as it is known."""

    region: str
    appeal_id: str
    client_id: str | None = None
    received_at: datetime | None = None
    municipality: str | None = None

    def learn(self, entry: JournalEntry) -> None:
        """Add what an entry contains of it."""
        self.client_id = entry.client_id or self.client_id
        self.received_at = entry.received_at or self.received_at
        self.municipality = self.municipality or entry.municipality


@dataclass(frozen=True, slots=True)
class Locked:
    """Appeals whose clocks this transaction may change: key → number of the change. `now`: the database clock once they were
    locked; no decision that the transaction waited for is later."""

    sequences: Mapping[AppealKey, int]
    now: datetime


@dataclass(slots=True)
class _Numbered:
    region: str
    appeal_id: str
    sequence: int
    removed_at: datetime | None
    now: datetime


async def lock_appeals_of(session: AsyncSession, entries: Iterable[JournalEntry]) -> Locked:
    """Lock the appeals of entries, as `lock_appeals` does, and store what the entries contain of the appeals
    themselves."""
    appeals: dict[AppealKey, KnownAppeal] = {}
    for entry in entries:
        appeals.setdefault(entry.key, KnownAppeal(entry.region, entry.appeal_id)).learn(entry)
    return await _lock(session, appeals.values())


async def find_place(session: AsyncSession, key: AppealKey) -> str | None:
    """In which municipality an appeal lies, as far as it is known."""
    statement = "SELECT municipality FROM sla.appeal WHERE region = :region AND appeal_id = :id"
    return await scalar(session, str, statement, region=key.region, id=key.appeal_id)


async def lock_appeals(session: AsyncSession, keys: Iterable[AppealKey]) -> Locked:
    """Take the rows of appeals (at least one), in order, making those that are missing. Those that were taken back
    are not among the locked: nobody counts them any more."""
    return await _lock(session, [KnownAppeal(*key) for key in set(keys)])


async def _lock(session: AsyncSession, appeals: Iterable[KnownAppeal]) -> Locked:
    records = await insert_rows(
        session,
        tables.appeal,
        sorted(appeals, key=attrgetter("region", "appeal_id")),
        on_conflict="(region, appeal_id) DO UPDATE SET sequence = appeal.sequence + 1, "
        "client_id = coalesce(appeal.client_id, excluded.client_id), "
        "received_at = coalesce(appeal.received_at, excluded.received_at), "
        "municipality = coalesce(appeal.municipality, excluded.municipality)",
        returning="region, appeal_id::text, sequence, removed_at, clock_timestamp() AS now",
    )
    locked = typed(_Numbered, records)
    present = {
        AppealKey(each.region, each.appeal_id): each.sequence for each in locked if each.removed_at is None
    }
    return Locked(present, locked[0].now)


async def hold_appeal(session: AsyncSession, key: AppealKey) -> None:
    """Nobody else changes the appeal's clocks until this transaction ends."""
    statement = "SELECT 1 FROM sla.appeal WHERE region = :region AND appeal_id = :id FOR UPDATE"
    await run(session, statement, region=key.region, id=key.appeal_id)


async def lock_unrouted(session: AsyncSession, keys: Sequence[AppealKey]) -> list[AppealKey]:
    """Those of the appeals of which one event is known only, locked in order."""
    statement = f"{_UNROUTED} AND {_OF} ORDER BY region, appeal_id FOR UPDATE"
    return _keys_of(await rows(session, KnownAppeal, statement, **arrays_of(keys)))


async def find_unrouted(session: AsyncSession, limit: int) -> list[AppealKey]:
    """Appeals of which one event is known only."""
    statement = f"{_UNROUTED} ORDER BY appeal_id LIMIT :limit"
    return _keys_of(await rows(session, KnownAppeal, statement, limit=limit))


def _keys_of(appeals: Iterable[KnownAppeal]) -> list[AppealKey]:
    return [AppealKey(each.region, each.appeal_id) for each in appeals]


async def append_entries(session: AsyncSession, entries: Iterable[JournalEntry]) -> None:
    """Append; a fact that is there already is left alone."""
    once = {(entry.region, entry.appeal_id, entry.fact.event_id): entry for entry in entries}
    await insert_rows(
        session, tables.journal, [_row_of(once[key]) for key in sorted(once)], on_conflict="DO NOTHING"
    )


def _row_of(entry: JournalEntry) -> tables.Journal:
    fact = entry.fact
    return tables.Journal(
        region=entry.region,
        appeal_id=entry.appeal_id,
        event_id=fact.event_id,
        kind=type(fact).__name__,
        at=fact.at,
        assignment_id=getattr(fact, "assignment_id", None),
        packed=pack_fact(fact),
        data=None,
    )


async def read_facts(session: AsyncSession, keys: Sequence[AppealKey]) -> dict[AppealKey, list[Fact]]:
    """The journals of many appeals in one statement."""
    facts: dict[AppealKey, list[Fact]] = {key: [] for key in keys}
    statement = f"SELECT {FACT_COLUMNS} FROM sla.journal WHERE {_OF}"
    for packed in await rows(session, PackedFact, statement, **arrays_of(keys)):
        # The arrays are of regions and of ids: an id may be known in another region, too.
        facts.get(AppealKey(packed.region, packed.appeal_id), []).append(packed.open())
    return facts
