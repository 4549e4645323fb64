"""Batches of several kinds of events, side by side about the same appeals: everybody takes them in one order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import asyncpg
import pytest

from contracts.event import Event
from contracts.intake import AppealClarified, AppealRegistered, AppealWithdrawn
from tests.conftest import Database
from tests.deliveries import deliver
from tests.routing.conftest import NOW, Routing, appeal
from tests.routing.test_queue import deadline
from tests.waiting import eventually

WAITING = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"


def withdrawn(registered: AppealRegistered) -> AppealWithdrawn:
    return AppealWithdrawn(region="46", appeal_id=registered.appeal_id, withdrawn_at=NOW)


def clarified(registered: AppealRegistered) -> AppealClarified:
    return AppealClarified(
        region="46", appeal_id=registered.appeal_id, text="у третьего подъезда", clarified_at=NOW
    )


async def start_together(gate: asyncpg.Connection, end: str, *batches: Awaitable[None]) -> None:
    """Let all of them come to the rows that the gate holds, then open it."""
    all_of_them = asyncio.gather(*batches)

    async def all_wait() -> bool:
        return bool(await gate.fetchval(WAITING) == len(batches))

    await eventually(all_wait)
    await gate.execute(end)
    await all_of_them


async def test_what_citizens_do_and_what_sla_says_never_wait_for_each_other_in_a_circle(
    routing: Routing, look: asyncpg.Connection
) -> None:
    early, late = appeal(), appeal()
    await routing.handle(early, late)
    intake, sla = routing.app.state.consumers
    ids = await look.fetch("SELECT id FROM routing.assignment ORDER BY id")
    await look.execute("BEGIN")
    await look.execute("SELECT 1 FROM routing.assignment ORDER BY id FOR NO KEY UPDATE")
    await start_together(
        look,
        "COMMIT",
        deliver(intake, [withdrawn(late), clarified(early)]),
        deliver(sla, [deadline(str(row["id"]), 1) for row in ids]),
    )
    statuses = await look.fetch("SELECT status, deadline_sequence FROM routing.assignment ORDER BY id")
    assert [tuple(row) for row in statuses] == [("new", 1), ("cancelled", 1)]


@pytest.mark.parametrize("known", [False, True])
async def test_two_replicas_meet_beginnings_and_ends_of_appeals_in_one_order(
    routing: Routing, look: asyncpg.Connection, database: Database, known: bool
) -> None:
    early, late = appeal(), appeal()
    if known:
        await routing.handle(withdrawn(early), withdrawn(late))
    consumer = routing.app.state.consumers[0]
    batches: list[list[Event]] = [[early, withdrawn(late)], [late, withdrawn(early)]]
    await look.execute("BEGIN")
    await look.execute(
        "INSERT INTO routing.routed_appeal (region, appeal_id, routed_at) "
        "SELECT '46', unnest($1::uuid[]), NULL ON CONFLICT (region, appeal_id) DO UPDATE SET routed_at = NULL",
        [early.appeal_id, late.appeal_id],
    )
    await start_together(look, "ROLLBACK", *(deliver(consumer, batch) for batch in batches))
    statuses = await look.fetch("SELECT status FROM routing.assignment")
    assert [row["status"] for row in statuses] == ["cancelled", "cancelled"]
    ends = await look.fetch("SELECT routed_at, ended_at FROM routing.routed_appeal")
    assert all(row["routed_at"] and row["ended_at"] for row in ends)
