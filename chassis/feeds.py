"""Delta feeds that never skip a row, whatever the order in which concurrent transactions commit.

A plain `position > last` misses rows committed late by a slower writer. Rows carry the number of the transaction that
wrote them, and a reader sees only rows of transactions older than every transaction still running.

Transactions are numbered anew in every cluster, and what is restored from a dump into another one brings its old numbers
along. Each cluster is therefore a generation of its own: the upper bits of a row's number say which, all rows of earlier
generations are settled, and whatever is written after a restore comes after them (ADR 13). The first connection of a
service to a cluster finds out (`settle_feeds`), before anything is written through it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, RowMapping, Table, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.cursors import Cursors

GENERATION_BITS = 48  # below them a transaction's own number


def generation_table(metadata: MetaData) -> Table:
    """The generation of a schema's feeds and the cluster it belongs to: one row."""
    return Table(
        "feed_generation",
        metadata,
        Column("only", Boolean, primary_key=True, server_default="true"),
        Column("generation", Integer, nullable=False),
        Column("system_identifier", BigInteger, nullable=False),
    )


def generation_statements(schema: str, feed: str) -> list[str]:
    """SQL for a migration, as the owner: the generation's row, and the function that begins a new one where needed.

    `settle_feeds()` returns the generation. The service may call it; the rights it needs are its owner's.
    """
    return [
        f"INSERT INTO {schema}.feed_generation (generation, system_identifier) "
        "SELECT 0, system_identifier FROM pg_control_system()",
        f"""
CREATE FUNCTION {schema}.settle_feeds() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = {schema}, pg_temp AS $$
DECLARE
    here bigint;
    found integer;
BEGIN
    SELECT system_identifier INTO here FROM pg_control_system();
    SELECT generation INTO found FROM {schema}.feed_generation WHERE system_identifier = here;
    IF found IS NOT NULL THEN
        RETURN found;
    END IF;
    LOCK TABLE {schema}.feed_generation IN EXCLUSIVE MODE;
    UPDATE {schema}.feed_generation SET generation = generation + 1, system_identifier = here
        WHERE system_identifier <> here;
    SELECT generation INTO found FROM {schema}.feed_generation;
    EXECUTE format('ALTER TABLE {schema}.{feed} ALTER COLUMN xid SET DEFAULT '
        '((%s::bigint << {GENERATION_BITS}) + pg_current_xact_id()::text::bigint)', found);
    RETURN found;
END $$""",
        f"REVOKE ALL ON FUNCTION {schema}.settle_feeds() FROM PUBLIC",
        f'GRANT EXECUTE ON FUNCTION {schema}.settle_feeds() TO "{schema}"',
        f'REVOKE INSERT, UPDATE, DELETE ON {schema}.feed_generation FROM "{schema}"',
    ]


def settled(schema: str) -> str:
    """SQL: the number below which every transaction has ended, for this statement's snapshot."""
    return (
        f"((SELECT generation::bigint << {GENERATION_BITS} FROM {schema}.feed_generation) "
        "+ pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"
    )


def readable_counts(schema: str, feed: str, condition: str = "true") -> dict[str, str]:
    """SQL of two counts that are equal when nothing is being written: rows of a feed, and those a reader can get."""
    rows = f"SELECT count(*) FROM {schema}.{feed} WHERE {condition}"
    return {"feed": rows, "feed_readable": f"{rows} AND xid < {settled(schema)}"}


async def read_feed(
    session: AsyncSession,
    table: Table,
    cursors: Cursors,
    *,
    columns: str,
    owner: Mapping[str, Any],
    cursor: str,
    limit: int,
) -> tuple[list[RowMapping], str]:
    """Rows after the cursor that belong to `owner` (column → value), oldest first, and the next cursor.

    The table has `feed_columns()`; its index is (owner…, xid, position). The cursor is returned always.
    """
    kind = f"{table.name}:{':'.join(str(value) for value in owner.values())}"
    xid, position = cursors.decode(kind, cursor) or (0, 0)
    mine = " AND ".join(f'"{column}" = :{column}' for column in owner)
    rows = (
        (
            await session.execute(
                text(
                    f"SELECT {columns}, xid, position FROM {table.fullname} WHERE {mine} "
                    "AND (xid, position) > (:xid, :position) "
                    f"AND xid < {settled(str(table.schema))} "
                    "ORDER BY xid, position LIMIT :limit"
                ),
                {**owner, "xid": xid, "position": position, "limit": limit},
            )
        )
        .mappings()
        .all()
    )
    if rows:
        xid, position = rows[-1]["xid"], rows[-1]["position"]
    return list(rows), cursors.encode(kind, xid, position)
