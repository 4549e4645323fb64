"""One action on thousands of assignments costs as many statements as on one."""

from __future__ import annotations

import asyncpg
import pytest

from chassis.db import open_work
from harness.reading import recorded
from services.routing.assignments.actions.locks import LockedAssignment, lock_appeals
from services.routing.assignments.actions.transitions import Changes, transition
from services.routing.assignments.rules.statuses import Action
from tests.routing.conftest import LIGHTS, ROADS, Routing, appeal


async def act_on(
    routing: Routing, count: int, action: Action, *, changed: bool = False
) -> tuple[list[LockedAssignment], int]:
    """Lock the assignments of so many new appeals and carry out an action on all; how they are then, and the number of
    statements."""
    appeals = [appeal(f"Яма на дороге, дом {number}") for number in range(count)]
    await routing.handle(*appeals)
    keys = [(each.region, each.appeal_id) for each in appeals]
    async with routing.app.state.resources.sessions.begin() as session:
        await open_work(session)
        with recorded(routing.app) as statements:
            locked = await lock_appeals(session, keys)
            changes: list[Changes] = [{"organisation_id": LIGHTS}] * len(locked) if changed else []
            moved = await transition(session, locked, action, changes)
    assert [each.assignment.version for each in moved] == [2] * count
    return moved, len(statements)


@pytest.mark.parametrize(("action", "status"), [(Action.ANSWER, "answered"), (Action.CANCEL, "cancelled")])
async def test_an_action_takes_three_statements_for_one_and_for_five_hundred(
    routing: Routing, look: asyncpg.Connection, action: Action, status: str
) -> None:
    _, for_one = await act_on(routing, 1, action)
    moved, for_many = await act_on(routing, 500, action)
    assert (for_one, for_many) == (3, 3), "lock, assignments, feeds"
    assert {each.assignment.status for each in moved} == {status}
    stored = await look.fetch("SELECT status, version, lease_token FROM routing.assignment")
    assert {tuple(row) for row in stored} == {(status, 2, None)}
    left = await look.fetchval(
        "SELECT count(*) FROM routing.queue_change WHERE organisation_id = $1 AND change = 'left'", ROADS
    )
    assert left == 501


async def test_followers_of_both_queues_see_what_is_given_to_another(
    routing: Routing, look: asyncpg.Connection
) -> None:
    moved, statements = await act_on(routing, 50, Action.CORRECT, changed=True)
    assert statements == 3
    assert {each.organisation.id for each in moved} == {LIGHTS}
    counts = await look.fetch(
        "SELECT organisation_id, change, count(*) FROM routing.queue_change GROUP BY 1, 2 ORDER BY 2, 3"
    )
    assert {tuple(row) for row in counts} == {
        (ROADS, "entered", 50),
        (LIGHTS, "entered", 50),
        (ROADS, "left", 50),
    }
