"""Batches of several kinds of events, side by side about the same appeals: everybody takes them in one order."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import text

from tests.conftest import Database, worker_session
from tests.deliveries import deliver
from tests.intake.conftest import Story, post
from tests.waiting import eventually

WAITING = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"


async def test_two_consumers_with_mixed_batches_never_wait_for_each_other_in_a_circle(
    app_client: Any, mint: Any, database: Database
) -> None:
    """What routing did comes with the later appeal first, what sla did with the earlier one, and both begin at once."""
    client, app = await app_client("intake")
    posted = [await post(client, mint.headers("portal")) for _ in range(2)]
    ids = sorted(UUID(answer["id"]) for answer in posted)
    early, late = (Story(appeal_id) for appeal_id in ids)
    routing, sla = app.state.consumers
    acts = [late.created(), early.accepted()]
    terms = [early.deadline(), late.reminded()]
    gate = await asyncpg.connect(database.dsn())
    try:
        await gate.execute("BEGIN")
        await gate.execute("SELECT 1 FROM intake.appeal ORDER BY id FOR NO KEY UPDATE")
        both = asyncio.gather(deliver(routing, acts), deliver(sla, terms))
        await eventually(lambda: _is(gate, 2))
        await gate.execute("COMMIT")
        await both
    finally:
        await gate.close()
    async with worker_session(app) as session:
        kinds = await session.scalars(text("SELECT kind FROM intake.appeal_history ORDER BY kind"))
        assert list(kinds) == ["accepted", "created", "deadline_reminded", "deadline_set"]


async def _is(gate: asyncpg.Connection, waiting: int) -> bool:
    return bool(await gate.fetchval(WAITING) == waiting)
