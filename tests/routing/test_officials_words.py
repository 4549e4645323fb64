"""What officials write: sealed in the service's tables and in its events, read in full only where the act is shown."""

from __future__ import annotations

from typing import Any

import asyncpg

from chassis.db import open_work
from harness.clear import in_clear
from services.routing.tables.assignments import SEALED
from tests.routing.conftest import LIGHTS, Routing, appeal

CANARY = "Канарейкина Ольга, кв. 77, +7 910 555-00-11"


async def _taken(routing: Routing) -> dict[str, Any]:
    await routing.handle(appeal())
    (item,) = await routing.claim()
    return item


async def test_no_act_leaves_words_in_clear(routing: Routing, look: asyncpg.Connection) -> None:
    """Nor does the answer that is kept for a repeat of the same request."""
    coordinator = routing.mint.headers("coordinator")
    once = {"Idempotency-Key": "k"}
    item = await _taken(routing)
    item |= await routing.act(item, "accept")
    item |= await routing.act(item, "interim", text=CANARY)
    item |= await routing.act(item, "clarify", question=CANARY)
    other = await _taken(routing)
    await routing.act(other, "request-extension", days=5, reason=CANARY)
    await routing.act(other, "request-documents", addressee=CANARY[:100], what=CANARY)
    other |= await routing.act(other, "answer", text=CANARY, outcome="solved")
    third = await _taken(routing)
    third |= await routing.act(third, "redirect", reason_code="other", comment=CANARY)
    fourth = await _taken(routing)
    await routing.call(
        "POST",
        f"/assignments/{fourth['id']}/correct",
        coordinator,
        json={"organisation": str(LIGHTS), "reason": CANARY},
        more={"If-Match": fourth["version"]},
    )
    forward = {"addressee": CANARY, "reason": CANARY}
    path = f"/appeals/{fourth['appeal_id']}/forward"
    first = await routing.call("POST", path, {**coordinator, **once}, json=forward)
    again = await routing.call("POST", path, {**coordinator, **once}, json=forward)
    assert first == again
    assert first["addressee"] == CANARY
    for part in ("Канарейкина", "555-00-11"):
        assert await in_clear(look, "routing", part) == []


async def test_answers_are_read_in_full_by_those_named(routing: Routing, look: asyncpg.Connection) -> None:
    item = await _taken(routing)
    await routing.act(item, "answer", text=CANARY, outcome="solved")
    answer_id = await look.fetchval("SELECT id FROM routing.answer")
    for headers in (routing.agency(), routing.mint.headers("portal"), routing.mint.headers("coordinator")):
        assert (await routing.call("GET", f"/answers/{answer_id}", headers))["text"] == CANARY
    await routing.call("GET", f"/answers/{answer_id}", routing.agency(LIGHTS), 404)


async def test_words_of_an_older_version_are_sealed_and_stay_readable(
    routing: Routing, look: asyncpg.Connection
) -> None:
    item = await _taken(routing)
    await routing.act(item, "request-documents", addressee="Росреестр", what="Выписка")
    item |= await routing.act(item, "answer", text="x", outcome="solved")
    await look.execute("UPDATE routing.answer SET text = $1, sealed = NULL, key_id = NULL", CANARY)
    await look.execute("UPDATE routing.document_request SET what = $1, sealed = NULL, key_id = NULL", CANARY)
    assert await in_clear(look, "routing", CANARY) == ["answer", "document_request"]
    async with routing.app.state.resources.sessions.begin() as session:
        await open_work(session)
        assert [await kept.seal_old(session) for kept in SEALED] == [1, 1]
        assert [await kept.seal_old(session) for kept in SEALED] == [0, 0]
    assert await in_clear(look, "routing", CANARY) == []
    details = await routing.call("GET", f"/assignments/{item['id']}", routing.agency())
    assert details["answers"][0]["text"] == details["document_requests"][0]["what"] == CANARY


async def test_a_row_that_was_moved_does_not_open(routing: Routing, look: asyncpg.Connection) -> None:
    for text in ("eins", "zwei"):
        await routing.act(await _taken(routing), "answer", text=text, outcome="solved")
    first, second = [row["id"] for row in await look.fetch("SELECT id FROM routing.answer ORDER BY id")]
    await look.execute(
        "UPDATE routing.answer SET sealed = (SELECT sealed FROM routing.answer WHERE id = $1) WHERE id = $2",
        first,
        second,
    )
    assert (await routing.call("GET", f"/answers/{first}", routing.agency()))["text"] == "eins"
    problem = await routing.call("GET", f"/answers/{second}", routing.agency(), 503)
    assert problem["type"].endswith("words-sealed")
