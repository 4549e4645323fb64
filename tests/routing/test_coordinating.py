"""Coordinators: triage, corrections, helping bodies; and whose rows anybody sees."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from chassis.db import open_all_rows, open_rows_of
from tests.routing.conftest import CENTRE, CITY, LIGHTS, ROADS, Routing, Said, agency_of, appeal, told


async def test_out_of_triage(routing: Routing, look: asyncpg.Connection) -> None:
    routing.classifier.told["Яма"] = Said("Ямы на дорогах", 0.1)
    await routing.handle(appeal(), appeal())
    coordinator = routing.mint.headers("coordinator")
    first, second = await routing.triage()
    assert first["explanation"]["suggested_organisation"] == str(ROADS)
    fixed = await routing.act(first, "correct", headers=coordinator, organisation=str(LIGHTS))
    assert (fixed["status"], fixed["topic"], fixed["version"]) == ("new", "holes", 2)
    assert (await routing.claim(LIGHTS))[0]["id"] == first["id"]
    fixed = await routing.act(second, "correct", headers=coordinator, topic="lamps", reason="фонари")
    assert fixed["organisation"]["id"] == str(LIGHTS), "with a topic alone the rules choose"
    assert fixed["triage_reason"] is None
    events = await told(look, "assignment.corrected")
    assert [event["previous_organisation_id"] for event in events] == [None, None]
    assert events[1]["topic"]["code"] == "lamps"
    assert await routing.feed(LIGHTS) == [(first["id"], "entered"), (second["id"], "entered")]
    assert await routing.triage() == []


async def test_a_correction_moves_work_between_queues(routing: Routing, look: asyncpg.Connection) -> None:
    await routing.handle(appeal())
    (item,) = await routing.claim()
    item |= await routing.act(item, "accept")
    coordinator = routing.mint.headers("coordinator")
    item |= await routing.act(item, "correct", headers=coordinator, organisation=str(LIGHTS))
    assert (item["status"], item["accepted_at"]) == ("new", None)
    assert await routing.queue() == []
    assert [change for _, change in await routing.feed()] == ["entered", "changed", "left"]
    assert [change for _, change in await routing.feed(LIGHTS)] == ["entered"]
    (event,) = await told(look, "assignment.corrected")
    assert event["previous_organisation_id"] == str(ROADS)
    item |= await routing.act(item, "correct", headers=coordinator, topic="clinics")
    assert (item["topic"], item["organisation"]["id"]) == ("clinics", str(LIGHTS)), "no rule: it stays"
    bodies: list[dict[str, Any]] = [
        {},
        {"topic": "no-such"},
        {"organisation": str(uuid4())},
        {"organisation": str(CENTRE)},
    ]
    for body in bodies:
        await routing.act(item, "correct", headers=coordinator, status=422, **body)


async def test_a_complaint_is_not_corrected_to_its_object(routing: Routing) -> None:
    await routing.handle(appeal(complained_about=ROADS))
    (item,) = await routing.queue(CITY)
    coordinator = routing.mint.headers("coordinator")
    refused = await routing.act(item, "correct", headers=coordinator, status=422, organisation=str(ROADS))
    assert refused["type"].endswith("complaint-object")


async def test_one_more_body_helps(routing: Routing, look: asyncpg.Connection) -> None:
    event = appeal()
    await routing.handle(event)
    coordinator = routing.mint.headers("coordinator")
    path = f"/appeals/{event.appeal_id}/assignments"
    body = {"organisation": str(LIGHTS)}
    more = {"Idempotency-Key": "add-1"}
    added = await routing.call("POST", path, coordinator, 201, json=body, more=more)
    assert (added["role"], added["status"], added["version"]) == ("co_executor", "new", 1)
    assert await routing.call("POST", path, coordinator, 201, json=body, more=more) == added
    await routing.call("POST", path, coordinator, 409, json=body)
    await routing.call("POST", path, coordinator, 422, json={"organisation": str(uuid4())})
    await routing.call("POST", f"/appeals/{uuid4()}/assignments", coordinator, 404, json=body)
    assert (await routing.queue(LIGHTS))[0]["id"] == added["id"]
    assert (await told(look, "assignment.created"))[1]["role"] == "co_executor"


async def test_a_coordinator_never_signs_and_an_agency_never_coordinates(routing: Routing) -> None:
    await routing.handle(appeal())
    (item,) = await routing.queue()
    coordinator, admin = routing.mint.headers("coordinator"), routing.mint.headers("admin", ["*"])
    bodies: dict[str, dict[str, Any]] = {
        "accept": {},
        "release": {},
        "extend-lease": {},
        "interim": {"text": "x"},
        "answer": {"text": "x", "outcome": "solved"},
        "clarify": {"question": "x"},
        "request-extension": {"days": 1, "reason": "x"},
        "external-ref": {"external_ref": "x"},
        "assign": {"person": str(uuid4())},
    }
    for verb, body in bodies.items():
        await routing.act(item, verb, headers=coordinator, status=403, **body)
        await routing.act(item, verb, headers=admin, status=403, **body)
        await routing.act(item, verb, LIGHTS, status=404, **body)
        far = routing.mint.headers("agency", ["59"], organisation=ROADS)
        await routing.act(item, verb, headers=far, status=404, **body)
    await routing.act(item, "correct", status=403, topic="lamps")
    await routing.act(item, "redirect", LIGHTS, status=404, reason_code="other")
    moved = await routing.act(
        item, "redirect", headers=coordinator, reason_code="other", suggested_organisation=str(LIGHTS)
    )
    assert moved["status"] == "redirected"
    await routing.call("GET", f"/assignments/{item['id']}", routing.agency(LIGHTS), 404)
    await routing.call("GET", "/triage", routing.mint.headers("coordinator", ["59"]), params={})
    await routing.call("GET", "/triage", coordinator, 403, params={"region": "59"})
    await routing.call("GET", "/queue", routing.mint.headers("agency", ["59"], organisation=ROADS), 403)


async def test_the_database_itself_isolates_the_rows_of_bodies(routing: Routing) -> None:
    """Row security of routing's own role: nothing without a scope, one's own with an organisation."""
    await routing.handle(appeal(topic="holes"), appeal(topic="lamps"))
    (item,) = await routing.claim()
    await routing.act(item, "answer", text="Да", outcome="solved")
    seen: dict[str, list[int]] = {}
    for name, body in (("nobody", None), ("roads", ROADS), ("lights", LIGHTS), ("service", None)):
        async with routing.app.state.resources.sessions.begin() as session:
            if body is not None:
                await open_rows_of(session, agency_of(body))
            elif name == "service":
                await open_all_rows(session)
            seen[name] = [
                await session.scalar(text(f"SELECT count(*) FROM routing.{table}"))
                for table in ("assignment", "answer", "queue_change")
            ]
    assert seen == {"nobody": [0, 0, 0], "roads": [1, 1, 2], "lights": [1, 0, 1], "service": [2, 1, 3]}
    async with routing.app.state.resources.sessions() as session:
        await open_rows_of(session, agency_of(LIGHTS))
        changed = await session.execute(text("UPDATE routing.assignment SET text = 'x'"))
        assert changed.rowcount == 1
        with pytest.raises(ProgrammingError, match="row-level security"):
            await session.execute(
                text("UPDATE routing.assignment SET organisation_id = :other"), {"other": ROADS}
            )
