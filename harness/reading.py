"""How much of the database a request reads: what tells a list that an index serves from one that grows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import asyncpg
import orjson
from sqlalchemy import event

from harness.databases import Database

Recorded = list[tuple[str, tuple[Any, ...]]]

GATEWAY_SCHEMA = "gateway."
# The n-th of many ids in the order of n, all of the present month.
NTH = (
    "(lpad(to_hex((extract(epoch FROM date_trunc('day', now())) * 1000)::bigint + n), 12, '0') "
    "|| '70008' || lpad(to_hex(n), 15, '0'))::uuid"
)


@contextmanager
def recorded(app: Any) -> Iterator[Recorded]:
    """The statements that requests to an app run meanwhile."""
    statements: Recorded = []

    def keep(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        statements.append((statement, tuple(parameters)))

    def kept(send: Callable[..., Any]) -> Callable[..., Any]:
        def send_kept(connection: Any, statement: str, *parameters: Any, **options: Any) -> Any:
            if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK")) and not is_anothers(statement):
                statements.append((statement, parameters))
            return send(connection, statement, *parameters, **options)

        return send_kept

    def is_anothers(statement: str) -> bool:
        """A gateway that other tests share looks for revocations all the time, in the same process."""
        return GATEWAY_SCHEMA in statement and resources.service != "gateway"

    resources = app.state.resources
    engine = resources.engine.sync_engine
    event.listen(engine, "before_cursor_execute", keep)
    try:
        # SQLAlchemy prepares what it sends; `chassis.db` sends by these two.
        with (
            patch.object(asyncpg.Connection, "fetch", kept(asyncpg.Connection.fetch)),
            patch.object(asyncpg.Connection, "execute", kept(asyncpg.Connection.execute)),
        ):
            yield statements
    finally:
        event.remove(engine, "before_cursor_execute", keep)


async def blocks_read(database: Database, part: str, statements: Recorded) -> int:
    """Blocks that the statements' scans touch, under the part's role and with what the request said it is about."""
    connection = await asyncpg.connect(database.dsn(part))
    total = 0
    try:
        async with connection.transaction():
            for statement, parameters in statements:
                if "set_config" in statement:
                    await connection.execute(statement, *parameters)
                    continue
                plan = await connection.fetchval(
                    f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {statement}", *parameters
                )
                root = orjson.loads(plan)[0]["Plan"]
                total += root["Shared Hit Blocks"] + root["Shared Read Blocks"]
    finally:
        await connection.close()
    return total


async def growth(
    app: Any, database: Database, part: str, ask: Callable[[], Any], fill: Callable[[], Any]
) -> dict[str, tuple[int, int]]:
    """Blocks that requests read before and after `fill`; `ask` makes them one by one, naming each."""
    before = {name: await blocks_read(database, part, each) async for name, each in ask()}
    await fill()
    return {name: (before[name], await blocks_read(database, part, each)) async for name, each in ask()}
