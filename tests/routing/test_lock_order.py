"""Batches of several kinds of events, side by side about the same appeals: everybody takes them in one order."""

from __future__ import annotations

import asyncpg
import pytest

from contracts.intake import AppealClarified, AppealRegistered, AppealWithdrawn
from harness.deliveries import deliver, let_meet
from tests.routing.conftest import NOW, Routing, appeal
from tests.routing.test_queue import deadline


def withdrawn(registered: AppealRegistered) -> AppealWithdrawn:
    return AppealWithdrawn(region="46", appeal_id=registered.appeal_id, withdrawn_at=NOW)


def clarified(registered: AppealRegistered) -> AppealClarified:
    return AppealClarified(
        region="46", appeal_id=registered.appeal_id, text="у третьего подъезда", clarified_at=NOW
    )


async def test_what_citizens_do_and_what_sla_says_never_wait_for_each_other_in_a_circle(
    routing: Routing, look: asyncpg.Connection
) -> None:
    first, second = appeal(), appeal()
    await routing.handle(first, second)
    intake, sla = routing.app.state.resources.consumers
    rows = await look.fetch("SELECT id, appeal_id FROM routing.assignment ORDER BY id")
    early, late = (next(one for one in (first, second) if one.appeal_id == row["appeal_id"]) for row in rows)
    await let_meet(
        routing.database,
        "SELECT 1 FROM routing.assignment WHERE id = $1 FOR NO KEY UPDATE",
        *(row["id"] for row in rows),
        deliver(intake, [withdrawn(late), clarified(early)]),
        deliver(sla, [deadline(str(row["id"]), 1) for row in rows]),
    )
    after = await look.fetch("SELECT status, deadline_sequence FROM routing.assignment ORDER BY id")
    assert [tuple(row) for row in after] == [("new", 1), ("cancelled", 1)]


@pytest.mark.parametrize("known", [True, False])
async def test_two_replicas_meet_beginnings_and_ends_of_appeals_in_one_order(
    routing: Routing, look: asyncpg.Connection, known: bool
) -> None:
    early, late = sorted((appeal(), appeal()), key=lambda event: event.appeal_id)
    if known:
        await routing.handle(withdrawn(early), withdrawn(late))
    replica = routing.app.state.resources.consumers[0]
    await let_meet(
        routing.database,
        "INSERT INTO routing.routed_appeal (region, appeal_id, routed_at) VALUES ('46', $1, NULL) "
        "ON CONFLICT (region, appeal_id) DO UPDATE SET routed_at = NULL",
        early.appeal_id,
        late.appeal_id,
        deliver(replica, [withdrawn(late), early]),
        deliver(replica, [withdrawn(early), late]),
    )
    statuses = await look.fetch("SELECT status FROM routing.assignment")
    assert [row["status"] for row in statuses] == ["cancelled", "cancelled"]
    ends = await look.fetch("SELECT routed_at, ended_at FROM routing.routed_appeal")
    assert all(row["routed_at"] and row["ended_at"] for row in ends)
