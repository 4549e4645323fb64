"""A coordinator confirms an incident: its appeals go to the organisation that has most of them."""

from __future__ import annotations

from uuid import UUID, uuid4

import asyncpg
from uuid_utils.compat import uuid7

from chassis.db import open_work
from services.routing.incidents.actions.moving import move_to_lead
from services.routing.incidents.queries.incidents import read_incident
from tests.routing.conftest import CITY, KURSK, LIGHTS, ROADS, Routing, heard, told
from tests.routing.incidents_acts.incidents import arrived, happened


async def test_what_others_hold_and_what_waits_in_triage_goes_to_the_lead(
    routing: Routing, look: asyncpg.Connection
) -> None:
    event = await happened(routing, look, [ROADS, LIGHTS, ROADS, None, LIGHTS, ROADS])
    (leased,) = await routing.claim(LIGHTS, limit=1)
    confirmed = await event.act("confirm", title="Провал на улице Ленина")
    assert (confirmed["status"], confirmed["title"]) == ("confirmed", "Провал на улице Ленина")
    assert confirmed["organisation"] == {"id": str(ROADS), "name": "Комитет дорог"}
    assert (confirmed["appeals"], confirmed["moved"], confirmed["version"]) == (6, 2, 2)
    assert confirmed["staying"] == [{"why": "leased", "appeals": 1}]
    held = {each["id"]: each for each in await event.members()}
    assert {each["organisation_id"] for id, each in held.items() if str(id) != leased["id"]} == {ROADS}
    assert held[UUID(leased["id"])]["organisation_id"] == LIGHTS
    assert {each["status"] for each in held.values()} == {"new"}

    corrected = await told(look, "assignment.corrected")
    assert {each["organisation"]["id"] for each in corrected} == {str(ROADS)}
    assert [each["previous_organisation_id"] for each in corrected].count(None) == 1
    assert {each["reason"] for each in await heard(look, "assignment.corrected")} == {
        "Об этом событии обратились многие: на все обращения отвечает один исполнитель."
    }
    (changed,) = await told(look, "incident.changed")
    assert (changed["status"], changed["appeals"], changed["sequence"]) == ("confirmed", 6, 2)
    assert changed["topic"]["code"] == "holes"
    assert "title" not in changed

    left = [each for each in await routing.feed(LIGHTS) if each[1] == "left"]
    assert len(left) == 1
    mine = await routing.call("GET", f"/assignments/{event.assignments[3]}", routing.agency())
    assert mine["explanation"]["source"] == "coordinator"
    assert mine["triage_reason"] is None


async def test_of_equals_the_lead_is_whose_appeal_came_first(
    routing: Routing, look: asyncpg.Connection
) -> None:
    event = await happened(routing, look, [LIGHTS, ROADS, ROADS, LIGHTS])
    assert (await event.act("confirm"))["organisation"]["id"] == str(LIGHTS)
    nobody = await happened(routing, look, [None, None])
    problem = await nobody.act("confirm", 409)
    assert problem["type"] == "/problems/not-allowed-now"


async def test_a_complaint_stays_away_from_its_object_and_what_is_answered_stays(
    routing: Routing, look: asyncpg.Connection
) -> None:
    event = await happened(routing, look, [ROADS, ROADS, ROADS, ROADS])
    assignments, appeals = await arrived(routing, look, [LIGHTS], complained_about=CITY)
    await event.join(assignments, appeals)
    before = (await event.holders())[-1]
    for assignment in event.assignments[:2]:
        await routing.act({"id": assignment, "version": 1}, "answer", text="Ямы заделаны.", outcome="solved")
    confirmed = await event.act("confirm")
    assert confirmed["organisation"]["id"] == str(ROADS)
    assert confirmed["staying"] == [{"why": "complaint", "appeals": 1}]
    assert (await event.holders())[-1] == before != ROADS


async def test_acts_need_a_coordinator_a_version_and_an_open_incident(
    routing: Routing, look: asyncpg.Connection
) -> None:
    event = await happened(routing, look)
    missing = await routing.call(
        "POST", f"/incidents/{event.id}/confirm", routing.mint.headers("coordinator"), 428, json={}
    )
    assert missing["type"] == "/problems/version-required"
    for verb, body in (
        ("confirm", {}),
        ("undo", {}),
        ("split", {"appeals": [str(event.appeals[0])]}),
        ("merge", {"into": str(uuid4())}),
    ):
        if verb != "merge":
            await event.act(verb, 412, version=7, **body)
        await event.act(verb, 403, routing.agency(), **body)
        await event.act(verb, 403, routing.mint.headers("portal"), **body)
        await event.act(verb, 404, routing.mint.headers("coordinator", ["77"]), **body)
    await event.act("confirm", 422, title="   ")
    await event.act("confirm", 422, organisation=str(ROADS))
    await event.act("confirm")
    await event.act("confirm", 409)
    await event.act("answer", 403, text="Готово.", outcome="solved")


async def test_arrivals_make_no_version_stale_but_people_do(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """Appeals come every few seconds while it lasts: whoever decides must not run after them."""
    event = await happened(routing, look)
    await look.execute("UPDATE routing.incident SET version = version + 3 WHERE id = $1", event.id)
    await event.act("confirm", version=1)
    stale = await event.act("undo", 412, version=4)
    assert stale["type"] == "/problems/version-stale"
    await event.act("undo", version=5)


async def test_later_arrivals_go_to_the_lead_too(routing: Routing, look: asyncpg.Connection) -> None:
    event = await happened(routing, look)
    await event.act("confirm")
    assignments, appeals = await arrived(routing, look, [LIGHTS, None, ROADS])
    await event.join(assignments, appeals)
    for expected in (2, 0):
        async with routing.app.state.resources.sessions.begin() as session:
            await open_work(session)
            incident = await read_incident(session, "46", event.id)
            assert incident is not None
            assert await move_to_lead(session, incident, assignments) == expected
    assert set(await event.holders()) == {ROADS}
    await event.act("undo")
    rows = await look.fetch(
        "SELECT organisation_id, status FROM routing.assignment WHERE id = ANY($1)", assignments
    )
    assert {(each["organisation_id"], each["status"]) for each in rows} == {
        (LIGHTS, "new"),
        (None, "triage"),
        (ROADS, "new"),
    }


async def test_the_lead_and_the_centre_of_the_municipality_see_it_with_all_its_appeals(
    routing: Routing, look: asyncpg.Connection
) -> None:
    event = await happened(routing, look, [ROADS, ROADS, LIGHTS])
    await routing.claim(LIGHTS, limit=1)
    elsewhere = await happened(routing, look, [ROADS], municipality=None)
    coordinator = routing.mint.headers("coordinator")
    listed = await routing.call("GET", "/incidents", coordinator, params={"limit": 1})
    following = await routing.call("GET", "/incidents", coordinator, params={"cursor": listed["next_cursor"]})
    assert [each["id"] for each in (*listed["items"], *following["items"])] == [
        str(elsewhere.id),
        str(event.id),
    ]
    assert following["items"][0]["place"] == {"lat": 51.73, "lon": 36.19, "radius_m": 300}
    assert (await routing.call("GET", "/incidents", routing.agency()))["items"] == []
    await routing.call("GET", f"/incidents/{event.id}/appeals", routing.agency(), 404)
    await event.act("confirm")
    (own,) = (await routing.call("GET", "/incidents", routing.agency()))["items"]
    assert (own["id"], own["enough"]) == (str(event.id), 0)
    assert (await routing.call("GET", "/incidents", routing.agency(LIGHTS)))["items"] == []
    centre = routing.mint.headers("coordinator", municipalities=[KURSK])
    for headers in (routing.agency(), coordinator, centre):
        page = await routing.call("GET", f"/incidents/{event.id}/appeals", headers, params={"limit": 2})
        rest = await routing.call(
            "GET", f"/incidents/{event.id}/appeals", headers, params={"cursor": page["next_cursor"]}
        )
        items = [*page["items"], *rest["items"]]
        assert [each["appeal_id"] for each in items] == [str(each) for each in event.appeals]
        assert {(each["text"], each["joined_by"], each["similarity"]) for each in items} == {
            ("Яма на дороге", "rule", 0.9)
        }
    assert [each["id"] for each in (await routing.call("GET", "/incidents", centre))["items"]] == [
        str(event.id)
    ]
    assert (await routing.call("GET", "/incidents", centre, params={"status": "undone"}))["items"] == []
    await routing.call("GET", f"/incidents/{uuid7()}/appeals", coordinator, 404)
    await routing.call(
        "GET", "/incidents", routing.mint.headers("coordinator", ["77"]), 403, params={"region": "46"}
    )


async def test_the_incident_of_a_planned_work_is_nobodys_to_act_on(
    routing: Routing, look: asyncpg.Connection
) -> None:
    work, other = await happened(routing, look), await happened(routing, look)
    await look.execute(
        "UPDATE routing.incident SET work_id = $1, status = 'confirmed', organisation_id = $2, touched = true WHERE id = $3",
        uuid7(),
        ROADS,
        work.id,
    )
    await work.act("confirm", 409)
    await work.act("undo", 409)
    await work.act("split", 409, appeals=[str(work.appeals[0])])
    await work.act("merge", 409, into=str(other.id))
    await other.act("merge", 409, into=str(work.id))
    await work.answer(status=409)
    (shown,) = (await routing.call("GET", "/incidents", routing.agency()))["items"]
    assert shown["work_id"]
