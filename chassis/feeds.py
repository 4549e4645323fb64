"""Delta feeds that never skip a row, whatever the order in which concurrent transactions commit.

A plain `position > last` misses rows committed late by a slower writer. Rows carry the id of the transaction that
wrote them, and a reader sees only rows of transactions older than every transaction still running.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping, Table, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.cursors import Cursors


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
                    "AND xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint "
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
