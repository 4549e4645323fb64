"""What the centre's pages ask: an appeal's assignments, one incident, how much waits."""

from __future__ import annotations

from uuid import uuid4

import asyncpg

from tests.routing.conftest import CITY, LIGHTS, ROADS, Routing, appeal
from tests.routing.incidents_acts.incidents import happened


async def test_an_appeal_has_all_its_assignments_with_their_reasons(routing: Routing) -> None:
    event = appeal()
    await routing.handle(event)
    coordinator = routing.mint.headers("coordinator")
    path = f"/appeals/{event.appeal_id}/assignments"
    await routing.call("POST", path, coordinator, 201, json={"organisation": str(LIGHTS)})
    first = await routing.call("GET", f"{path}?limit=1", coordinator)
    second = await routing.call("GET", f"{path}?limit=1&cursor={first['next_cursor']}", coordinator)
    assert second["next_cursor"] is None
    (lead,), (helper,) = first["items"], second["items"]
    assert (lead["role"], helper["role"], helper["organisation"]["id"]) == (
        "lead",
        "co_executor",
        str(LIGHTS),
    )
    assert lead["explanation"]["steps"]
    assert helper["explanation"]["note"] == "Соисполнителя назначил координатор."
    whole = await routing.call("GET", path, coordinator)
    assert whole["items"] == [lead, helper]
    for id, headers in (
        (uuid4(), coordinator),
        (event.appeal_id, routing.mint.headers("coordinator", ["59"])),
        (event.appeal_id, routing.mint.headers("coordinator", municipalities=["38705000"])),
    ):
        await routing.call("GET", f"/appeals/{id}/assignments", headers, 404)


async def test_whoever_passed_a_question_on_is_not_suggested_again(routing: Routing) -> None:
    await routing.handle(appeal())
    (item,) = await routing.queue()
    path = f"/assignments/{item['id']}"
    coordinator = routing.mint.headers("coordinator")
    shown = await routing.call("GET", path, coordinator)
    assert shown["suggested"] == shown["organisation"]
    await routing.act(item, "redirect", reason_code="not_competent")
    (waiting,) = [each for each in await routing.triage() if each["appeal_id"] == item["appeal_id"]]
    assert [hop["organisation"]["id"] for hop in waiting["hops_history"]] == [str(ROADS)]
    assert waiting["suggested"] is None


async def test_one_incident_is_read_by_whom_it_concerns(routing: Routing, look: asyncpg.Connection) -> None:
    event = await happened(routing, look, [ROADS, ROADS, ROADS])
    coordinator = routing.mint.headers("coordinator")
    shown = await routing.call("GET", f"/incidents/{event.id}", coordinator)
    assert (shown["id"], shown["status"], shown["appeals"]) == (str(event.id), "proposed", 3)
    await routing.call("GET", f"/incidents/{event.id}", routing.agency(ROADS), 404)
    await event.act("confirm")
    held = await routing.call("GET", f"/incidents/{event.id}", routing.agency(ROADS))
    assert (held["status"], held["version"]) == ("confirmed", 2)
    for id, headers in (
        (uuid4(), coordinator),
        (event.id, routing.mint.headers("coordinator", ["59"])),
        (event.id, routing.agency(CITY)),
    ):
        await routing.call("GET", f"/incidents/{id}", headers, 404)


async def test_how_much_waits_is_said_without_the_lists(routing: Routing, look: asyncpg.Connection) -> None:
    coordinator = routing.mint.headers("coordinator")
    nothing = await routing.call("GET", "/triage/waiting", coordinator)
    await routing.handle(appeal(topic="unknown"), appeal(topic="unknown"))
    await happened(routing, look, [ROADS, ROADS, ROADS])
    found = await routing.call("GET", "/triage/waiting", coordinator, params={"region": "46"})
    assert found == nothing | {"triage": nothing["triage"] + 2, "incidents": nothing["incidents"] + 1}
    elsewhere = routing.mint.headers("coordinator", ["59"])
    assert set((await routing.call("GET", "/triage/waiting", elsewhere)).values()) == {0, 100}
    await routing.call("GET", "/triage/waiting", coordinator, 403, params={"region": "59"})
