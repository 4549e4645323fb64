"""Delta feeds that never skip a row, whatever the order in which concurrent transactions commit.

A plain `position > last` misses rows committed late by a slower writer. Rows carry the number of the transaction that
wrote them, and a reader sees only rows of transactions older than every transaction still running.

Transactions are numbered anew in every cluster, and what is restored from a dump into another one brings its old numbers
along. Each cluster, and each timeline of one, is therefore a generation of its own: the upper bits of a row's number say
which, all rows of earlier generations are settled, and whatever is written after a restore comes after them (ADR 13). The
first connection of a service to a cluster finds out (`settle_feeds`), before anything is written through it. A cursor
says to which history it belongs; one of a history that is gone goes on where that one and ours parted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any, TypeVar

from sqlalchemy import MetaData, Table
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.cursors import Cursors
from chassis.db import rows, scalar
from chassis.tables import Key, define_table

_LAST_POSITION = 2**63 - 1
GENERATION_BITS = 48  # below them a transaction's own number


@dataclass(frozen=True, slots=True)
class FeedGeneration:
    """A generation of a schema's feeds and the cluster it belongs to; the highest is the present one."""

    generation: Key[int]
    cluster: str


def generation_table(metadata: MetaData) -> Table:
    """Of a schema that keeps feeds."""
    return define_table(metadata, "feed_generation", FeedGeneration)


# A copy of the files has the identifier of its model, but goes on in a timeline of its own once it is promoted.
_HERE = "(SELECT system_identifier FROM pg_control_system()) || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8)"


def generation_statements(schema: str, feed: str) -> list[str]:
    """SQL for a migration, as the owner: the table, its first row, and the function that begins a new generation.

    `settle_feeds()` returns the present generation. The service may call it; the rights it needs are its owner's.
    """
    return [
        f"CREATE TABLE {schema}.feed_generation "
        "(generation integer CONSTRAINT feed_generation_pk PRIMARY KEY, cluster text NOT NULL)",
        f"INSERT INTO {schema}.feed_generation VALUES (0, {_HERE})",
        _settling_function(schema, feed),
        f"REVOKE ALL ON FUNCTION {schema}.settle_feeds() FROM PUBLIC",
        f'GRANT EXECUTE ON FUNCTION {schema}.settle_feeds() TO "{schema}"',
        f'REVOKE INSERT, UPDATE, DELETE ON {schema}.feed_generation FROM "{schema}"',
    ]


def _settling_function(schema: str, *feeds: str) -> str:
    numbering = "".join(f"\n        {_number_anew(schema, feed)};" for feed in feeds)
    return f"""
CREATE OR REPLACE FUNCTION {schema}.settle_feeds() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = {schema}, pg_temp AS $$
DECLARE
    here text := {_HERE};
    present {schema}.feed_generation;
BEGIN
    SELECT * INTO present FROM {schema}.feed_generation ORDER BY generation DESC LIMIT 1;
    IF present.cluster = here THEN
        RETURN present.generation;
    END IF;
    LOCK TABLE {schema}.feed_generation IN EXCLUSIVE MODE;
    SELECT * INTO present FROM {schema}.feed_generation ORDER BY generation DESC LIMIT 1;
    IF present.cluster <> here THEN
        INSERT INTO {schema}.feed_generation VALUES (present.generation + 1, here) RETURNING * INTO present;{numbering}
    END IF;
    RETURN present.generation;
END $$"""


def _number_anew(schema: str, feed: str) -> str:
    return (
        f"EXECUTE format('ALTER TABLE {schema}.{feed} ALTER COLUMN xid SET DEFAULT "
        f"((%s::bigint << {GENERATION_BITS}) + pg_current_xact_id()::text::bigint)', present.generation)"
    )


def add_feed_statements(schema: str, known: Sequence[str], added: str) -> list[str]:
    """SQL for a migration, as the owner: one more feed of a schema that has some. Its rows are of the present generation, and
    the function begins new ones for all."""
    return [
        f"""
DO $$
DECLARE
    present {schema}.feed_generation;
BEGIN
    SELECT * INTO present FROM {schema}.feed_generation ORDER BY generation DESC LIMIT 1;
    {_number_anew(schema, added)};
END $$""",
        _settling_function(schema, *known, added),
    ]


def remove_feed_statements(schema: str, left: Sequence[str]) -> list[str]:
    """SQL for a downgrade."""
    return [_settling_function(schema, *left)]


@dataclass(frozen=True)
class FeedPlace:
    """A place in a feed: after the row with this number and position, in the history that `history` names."""

    xid: int = 0
    position: int = 0
    history: str = ""  # empty: of a version that named none


class Generations:
    """The generations of a schema's feeds, by number, as the clusters they belong to."""

    def __init__(self, clusters: Mapping[int, str]) -> None:
        self._histories = {
            number: hashlib.blake2b(cluster.encode(), digest_size=6).hexdigest()
            for number, cluster in clusters.items()
        }
        self.present = max(clusters)

    def place_after(self, xid: int, position: int) -> FeedPlace:
        """Where a reader stands who has read up to this row."""
        return FeedPlace(xid, position, self._histories.get(xid >> GENERATION_BITS, ""))

    def resume(self, place: FeedPlace) -> FeedPlace:
        """Where to read on: the same place, or where our history parted from the one of the cursor."""
        number = place.xid >> GENERATION_BITS
        if not place.history or self._histories.get(number) == place.history:
            return place
        return FeedPlace(min(number, self.present) << GENERATION_BITS, 0)


async def read_generations(session: AsyncSession, schema: str) -> Generations:
    """The generations a schema has seen: one row each."""
    found = await rows(session, FeedGeneration, f"SELECT generation, cluster FROM {schema}.feed_generation")
    return Generations({each.generation: each.cluster for each in found})


def settled(schema: str) -> str:
    """SQL: the number below which every transaction has ended, for this statement's snapshot."""
    return (
        f"((SELECT max(generation)::bigint << {GENERATION_BITS} FROM {schema}.feed_generation) "
        "+ pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"
    )


def readable_counts(schema: str, feed: str, condition: str = "true") -> dict[str, str]:
    """SQL of two counts that are equal when nothing is being written: rows of a feed, and those a reader can get."""
    all_rows = f"SELECT count(*) FROM {schema}.{feed} WHERE {condition}"
    return {"feed": all_rows, "feed_readable": f"{all_rows} AND xid < {settled(schema)}"}


async def end_of_feed(session: AsyncSession, table: Table, cursors: Cursors, owner: Mapping[str, Any]) -> str:
    """The cursor behind everything that can be read now: whatever is committed later comes after it."""
    place = await last_place(session, str(table.schema))
    return cursors.encode(_kind(table, owner), *astuple(place))


async def last_place(session: AsyncSession, schema: str) -> FeedPlace:
    """The same place for who keeps it here: of any feed of the schema."""
    generations = await read_generations(session, schema)
    next_xid = await scalar(session, int, f"SELECT {settled(schema)}")
    return generations.place_after((next_xid or 0) - 1, _LAST_POSITION)


def _kind(table: Table, owner: Mapping[str, Any]) -> str:
    return f"{table.name}:{':'.join(str(value) for value in owner.values())}"


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """What every entry of a feed has; a feed's own entries subclass it, their fields are the columns that are read."""

    xid: int
    position: int


F = TypeVar("F", bound=FeedEntry)


async def follow_feed(
    session: AsyncSession,
    kind: type[F],
    table: Table,
    cursors: Cursors,
    *,
    owner: Mapping[str, Any],
    cursor: str,
    limit: int,
    narrowed: str = "true",
) -> tuple[list[F], str]:
    """Entries after the cursor that belong to `owner` (column → value), oldest first, and the next cursor.

    The table has columns of the types `Xid` and `FeedPosition`; its index is (owner…, xid, position), or has in place of the owner what the SQL
    condition `narrowed` compares. The cursor is returned always.
    """
    cursor_kind = _kind(table, owner)
    generations = await read_generations(session, str(table.schema))
    place = generations.resume(FeedPlace(*(cursors.decode(cursor_kind, cursor) or ())))
    columns = ", ".join(field.name for field in fields(kind))
    mine = " AND ".join(f'"{column}" = :{column}' for column in owner)
    entries = await rows(
        session,
        kind,
        f"SELECT {columns} FROM {table.fullname} WHERE {mine} AND {narrowed} "
        f"AND (xid, position) > (:after_xid, :after_position) AND xid < {settled(str(table.schema))} "
        "ORDER BY xid, position LIMIT :limit",
        **owner,
        after_xid=place.xid,
        after_position=place.position,
        limit=limit,
    )
    if entries:
        place = generations.place_after(entries[-1].xid, entries[-1].position)
    return entries, cursors.encode(cursor_kind, *astuple(place))
