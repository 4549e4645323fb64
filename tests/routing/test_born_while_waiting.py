"""Assignments that come into being while somebody waits for those of their appeal: they are seen, and decided on, too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import asyncpg

from contracts.intake import AppealClarified, AppealRegistered, AppealWithdrawn
from harness.deliveries import WAITING, deliver
from harness.waiting import eventually
from tests.routing.conftest import LIGHTS, NOW, Routing, appeal

OPEN = "SELECT count(*) FROM routing.assignment WHERE status NOT IN ('redirected', 'cancelled', 'answered')"


async def _one_after_the_other(routing: Routing, *acts: Callable[[], Coroutine[Any, Any, Any]]) -> list[Any]:
    """Run acts side by side, each begun when the one before waits for the assignments, which are then let go."""
    gate = await asyncpg.connect(routing.database.dsn())
    try:
        await gate.execute("BEGIN")
        await gate.execute("SELECT 1 FROM routing.assignment FOR NO KEY UPDATE")
        begun: list[asyncio.Task[Any]] = []
        for act in acts:
            begun.append(asyncio.create_task(act()))
            await eventually(lambda: _are_waiting(gate, len(begun)), every=0.01)
        await gate.execute("COMMIT")
        return await asyncio.gather(*begun)
    finally:
        await gate.close()


async def _are_waiting(gate: asyncpg.Connection, count: int) -> bool:
    return bool(await gate.fetchval(WAITING) == count)


async def _begun(routing: Routing) -> tuple[AppealRegistered, Callable[[], Coroutine[Any, Any, Any]]]:
    """An appeal, and how its organisation passes it on."""
    registered = appeal()
    await routing.handle(registered)
    (item,) = await routing.queue()
    body: dict[str, Any] = {"reason_code": "other", "suggested_organisation": str(LIGHTS)}
    return registered, lambda: routing.act(item, "redirect", **body)


async def test_one_of_two_coordinators_adds_the_same_organisation(
    routing: Routing, look: asyncpg.Connection
) -> None:
    registered, _ = await _begun(routing)

    async def add() -> int:
        answer = await routing.client.post(
            f"/api/v1/appeals/{registered.appeal_id}/assignments",
            headers=routing.mint.headers("coordinator"),
            json={"organisation": str(LIGHTS)},
        )
        return int(answer.status_code)

    assert sorted(await _one_after_the_other(routing, add, add)) == [201, 409]
    assert await look.fetchval(OPEN) == 2


async def test_what_is_forwarded_outside_ends_with_who_was_just_given_it(
    routing: Routing, look: asyncpg.Connection
) -> None:
    registered, redirect = await _begun(routing)

    async def forward() -> Any:
        path = f"/appeals/{registered.appeal_id}/forward"
        return await routing.call(
            "POST", path, routing.mint.headers("coordinator"), json={"addressee": "Минобороны"}
        )

    _, forwarded = await _one_after_the_other(routing, redirect, forward)
    assert len(forwarded["cancelled"]) == 1
    assert await look.fetchval(OPEN) == 0


async def test_what_is_withdrawn_ends_with_who_was_just_given_it(
    routing: Routing, look: asyncpg.Connection
) -> None:
    registered, redirect = await _begun(routing)
    intake, _ = routing.app.state.resources.consumers
    withdrawn = AppealWithdrawn(region="46", appeal_id=registered.appeal_id, withdrawn_at=NOW)
    await _one_after_the_other(routing, redirect, lambda: deliver(intake, [withdrawn]))
    assert await look.fetchval(OPEN) == 0


async def test_a_reply_is_read_by_who_was_just_given_the_question(
    routing: Routing, look: asyncpg.Connection
) -> None:
    registered = appeal()
    await routing.handle(registered)
    (item,) = await routing.queue()
    item |= await routing.act(item, "clarify", question="Какой дом?")
    at = await look.fetchval("SELECT asked_at FROM routing.assignment")
    intake, _ = routing.app.state.resources.consumers
    reply = AppealClarified(region="46", appeal_id=registered.appeal_id, text="Дом 5", clarified_at=at)
    body: dict[str, Any] = {"reason_code": "other", "suggested_organisation": str(LIGHTS)}
    await _one_after_the_other(
        routing, lambda: routing.act(item, "redirect", **body), lambda: deliver(intake, [reply])
    )
    (successor,) = await routing.queue(LIGHTS)
    details = await routing.call("GET", f"/assignments/{successor['id']}", routing.agency(LIGHTS))
    assert [each["text"] for each in details["clarifications"]] == ["Дом 5"]
