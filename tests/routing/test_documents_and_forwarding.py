"""Documents asked of another body, and appeals that go to a body outside the system."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
from sqlalchemy import text

from chassis.db import open_rows_of
from tests.routing.conftest import CITY, LIGHTS, ROADS, Routing, agency_of, appeal, heard, told


async def _one(routing: Routing, **fields: Any) -> dict[str, Any]:
    await routing.handle(appeal(**fields))
    (item,) = await routing.claim()
    return item


async def _requests(routing: Routing, item: dict[str, Any]) -> list[dict[str, Any]]:
    details = await routing.call("GET", f"/assignments/{item['id']}", routing.agency())
    found: list[dict[str, Any]] = details["document_requests"]
    return found


async def test_documents_are_asked_for_and_received_once(routing: Routing, look: asyncpg.Connection) -> None:
    item = await _one(routing)
    asking: dict[str, Any] = {"addressee": "Росреестр", "what": "Выписка, телефон заявителя +7 910 555-12-34"}
    after = await routing.act(item, "request-documents", **asking)
    assert (after["status"], after["version"]) == ("new", 1), "the assignment itself stays as it is"
    await routing.act(item, "request-documents", addressee="ГИБДД", what="Справка")
    first, second = await _requests(routing, item)
    assert (first["addressee"], first["received_at"]) == ("Росреестр", None)
    await routing.act(item, "receive-documents", request_id=second["id"])
    await routing.act(item, "receive-documents", status=409, request_id=second["id"])
    assert [bool(request["received_at"]) for request in await _requests(routing, item)] == [False, True]
    said = await told(look, "documents.requested")
    assert [event["request_id"] for event in said] == [first["id"], second["id"]]
    assert (await heard(look, "documents.requested"))[0] == asking
    assert first["what"] == asking["what"], "who waits for them reads what was asked for"
    (received,) = await told(look, "documents.received")
    assert received["request_id"] == second["id"]


async def test_only_the_holder_asks_and_only_for_its_own(routing: Routing) -> None:
    item = await _one(routing)
    asking: dict[str, Any] = {"addressee": "Росреестр", "what": "Выписка"}
    await routing.act(item, "request-documents", by=LIGHTS, status=404, **asking)
    await routing.act(item, "request-documents", status=409, **asking, lease_token="wrong")
    await routing.act(item, "request-documents", status=422, addressee="  ", what="Выписка")
    await routing.act(item, "request-documents", **asking)
    (request,) = await _requests(routing, item)
    other = await _one(routing)
    await routing.act(other, "receive-documents", status=404, request_id=request["id"])
    await routing.act(item, "receive-documents", status=404, request_id=str(uuid4()))
    await routing.act(item, "answer", text="Готово", outcome="solved")
    (gone,) = await routing.queue(status="answered")
    await routing.act(gone, "receive-documents", status=409, request_id=request["id"])


async def test_another_body_does_not_see_the_requests(routing: Routing) -> None:
    """Row security, not only the code, keeps them apart."""
    item = await _one(routing)
    await routing.act(item, "request-documents", addressee="Росреестр", what="Выписка")
    for organisation, number in ((ROADS, 1), (LIGHTS, 0)):
        async with routing.app.state.resources.sessions() as session:
            await open_rows_of(session, agency_of(organisation))
            found = await session.scalar(text("SELECT count(*) FROM routing.document_request"))
        assert found == number


async def test_the_next_body_receives_what_the_first_one_asked_for(routing: Routing) -> None:
    item = await _one(routing)
    await routing.act(item, "request-documents", addressee="Росреестр", what="Выписка")
    correction = {"organisation": str(LIGHTS), "reason": "Это столб"}
    coordinator = routing.mint.headers("coordinator")
    moved = await routing.call(
        "POST",
        f"/assignments/{item['id']}/correct",
        coordinator,
        json=correction,
        more={"If-Match": item["version"]},
    )
    details = await routing.call("GET", f"/assignments/{item['id']}", routing.agency(LIGHTS))
    (request,) = details["document_requests"]
    await routing.act(moved, "receive-documents", by=LIGHTS, request_id=request["id"])


async def test_an_appeal_goes_to_a_body_outside(routing: Routing, look: asyncpg.Connection) -> None:
    item = await _one(routing)
    coordinator = routing.mint.headers("coordinator")
    await routing.call(
        "POST",
        f"/appeals/{item['appeal_id']}/assignments",
        coordinator,
        201,
        json={"organisation": str(CITY)},
    )
    path = f"/appeals/{item['appeal_id']}/forward"
    body = {"addressee": "УМВД России по Курской области", "reason": "Вопросы миграции"}
    for role in ("portal", "analyst"):
        await routing.call("POST", path, routing.mint.headers(role), 403, json=body)
    await routing.call("POST", path, routing.mint.headers("coordinator", ["77"]), 404, json=body)
    forwarded = await routing.call("POST", path, coordinator, json=body)
    assert len(forwarded["cancelled"]) == 2
    assert await routing.queue() == []
    await routing.call("POST", path, coordinator, 409, json=body)
    assert await heard(look, "appeal.forwarded") == [body]
    cancelled = await told(look, "assignment.cancelled")
    assert {each["reason"] for each in cancelled} == {"Направлено по компетенции."}
    await routing.act(item, "accept", status=412)


async def test_an_appeal_in_triage_can_be_forwarded(routing: Routing) -> None:
    await routing.handle(appeal(topic="no-such-topic"))
    (waiting,) = await routing.triage()
    await routing.call(
        "POST",
        f"/appeals/{waiting['appeal_id']}/forward",
        routing.mint.headers("coordinator"),
        json={"addressee": "Прокуратура"},
    )
    assert await routing.triage() == []
