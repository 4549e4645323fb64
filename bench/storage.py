"""The room a register takes in the database: by table, with its indexes and what is stored apart."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg
from rich.console import Console
from rich.table import Table

from harness.system import System
from infra.local.credentials import load_or_create_secrets
from infra.local.paths import Home

console = Console(stderr=True)
# Partitions count as their table.
_ROOM = """
SELECT n.nspname || '.' || coalesce(p.relname, c.relname) AS name, sum(pg_relation_size(c.oid))::bigint AS rows,
    sum(pg_indexes_size(c.oid))::bigint AS indexes, sum(pg_total_relation_size(c.oid))::bigint AS total
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class p ON p.oid = i.inhparent
WHERE c.relkind = 'r' AND n.nspname IN ('intake', 'routing', 'sla', 'analytics', 'gateway')
GROUP BY 1
"""
SHOWN_FROM = 20  # bytes an appeal


@dataclass(frozen=True)
class Room:
    """Bytes by table: its rows, its indexes, all of it."""

    tables: Mapping[str, tuple[int, int, int]]

    @property
    def total(self) -> int:
        """Bytes of all tables."""
        return sum(total for _, _, total in self.tables.values())

    def __sub__(self, other: Room) -> Room:
        return Room(
            {
                name: (
                    sizes[0] - other.tables.get(name, (0, 0, 0))[0],
                    sizes[1] - other.tables.get(name, (0, 0, 0))[1],
                    sizes[2] - other.tables.get(name, (0, 0, 0))[2],
                )
                for name, sizes in self.tables.items()
            }
        )

    def by_table(self, appeals: int) -> dict[str, list[int]]:
        """Bytes an appeal of every table that counts: rows, indexes, all; the largest first."""
        shares = {name: [size // appeals for size in sizes] for name, sizes in self.tables.items()}
        largest = sorted(shares.items(), key=lambda item: -item[1][2])
        return {name: sizes for name, sizes in largest if sizes[2] >= SHOWN_FROM}


def room_of(system: System) -> Room:
    """What the tables of a running system take now, with whatever has not been cleared away yet."""
    return asyncio.run(_measure(Home.at(system.home)))


async def _measure(home: Home) -> Room:
    connection = await asyncpg.connect(
        host=str(home.postgres_socket),
        user="postgres",
        password=load_or_create_secrets(home).database["postgres"],
        database="otklik",
    )
    try:
        rows = await connection.fetch(_ROOM)
    finally:
        await connection.close()
    return Room({row["name"]: (row["rows"], row["indexes"], row["total"]) for row in rows})


def show_room(room: Room, appeals: int) -> None:
    """A table for people."""
    table = Table(title=f"Bytes an appeal, of {appeals} appeals")
    table.add_column("table")
    for column in ("rows", "indexes", "all"):
        table.add_column(column, justify="right")
    for name, sizes in room.by_table(appeals).items():
        table.add_row(name, *map(str, sizes))
    table.add_row("all tables", "", "", str(room.total // appeals))
    console.print(table)
