"""An import is taken back: four services on one database, their events carried by hand, in any order and more than once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from random import Random
from typing import Any

import asyncpg
import pytest
from uuid_utils.compat import uuid7

from contracts import intake
from harness.databases import Database
from harness.resources import worker_session
from harness.tokens import TokenMint
from services.routing.placement.actions import undoing
from services.sla.escalation.actions.timers import fire_due_timers
from tests.intake.conftest import appeal_body
from tests.journeys.importing import CLOSED, HANDLERS, OPEN, Region
from tests.routing.conftest import REFERENCE, ROADS, StubClassifier


@pytest.fixture
async def region(
    app_client: Callable[..., Any], database: Database, mint: TokenMint
) -> AsyncIterator[Region]:
    """The four services with region 46."""
    opened = {name: await app_client(name) for name in HANDLERS}
    look = await asyncpg.connect(database.dsn())
    clients = {name: client for name, (client, _) in opened.items()}
    apps = {name: app for name, (_, app) in opened.items()}
    apps["routing"].state.resources.context.classifier = StubClassifier()
    made = Region(clients, apps, mint, look)
    await made.call("routing", "PUT", "/reference/46", made.admin("*"), json=REFERENCE)
    yield made
    await look.close()


async def test_all_services_forget_an_import_and_nothing_else(region: Region) -> None:
    body = appeal_body()
    kept = await region.call("intake", "POST", "/appeals", region.mint.headers("portal"), 201, json=body)
    import_id = uuid7()
    lines = await region.take_over(import_id, OPEN, CLOSED, OPEN)
    await region.settle()
    ids = [line["id"] for line in lines]
    agency = region.mint.headers("agency", organisation=ROADS)
    assert len((await region.call("routing", "GET", "/queue", agency))["items"]) == 3
    assert await region.received() == 4
    late = await region.call("sla", "GET", "/deadlines?state=breached", region.mint.headers("coordinator"))
    assert {item["appeal_id"] for item in late["items"]} == {ids[0], ids[2]}, "they are shown as late"
    async with worker_session(region.apps["sla"]) as session:
        assert await fire_due_timers(session, 100) == 0
    escalations = await region.call("sla", "GET", "/escalations", region.mint.headers("coordinator"))
    assert escalations["items"] == []
    listed = await region.call("intake", "GET", "/imports")
    assert [(item["id"], item["cases"], item["status"]) for item in listed["items"]] == [
        (str(import_id), 3, "taken_over")
    ]

    assert (await region.undo(import_id))["status"] == "undoing"
    assert (await region.undo(import_id))["status"] == "undoing", "asked again it changes nothing"
    await region.settle()
    state = await region.state(import_id)
    assert (state["status"], state["removed"], state["kept"]) == ("undone", 3, 0)
    assert await region.rows_left(ids) == {}
    (item,) = (await region.call("routing", "GET", "/queue", agency))["items"]
    assert item["appeal_id"] == kept["id"]
    changes = (await region.call("routing", "GET", "/queue/changes", agency))["items"]
    assert sorted(change["change"] for change in changes) == ["entered"] * 3 + ["left"] * 2
    assert await region.received() == 1
    await region.call("intake", "GET", f"/appeals/{ids[0]}", status=404)
    await region.call("intake", "GET", f"/track/{lines[0]['tracking_code']}", status=404)
    await region.call("sla", "GET", f"/appeals/{ids[0]}/deadlines", status=404)
    assert (await region.undo(import_id))["status"] == "undone"

    again = await region.take_over(uuid7(), OPEN, CLOSED, OPEN)
    await region.settle()
    assert await region.received() == 4
    assert {line["number"] for line in again}.isdisjoint(line["number"] for line in lines), (
        "numbers are used once"
    )
    numbers = await region.look.fetchval("SELECT sum(last) FROM intake.counter")
    annulled = await region.look.fetchval("SELECT sum(removed) FROM intake.past_import")
    assert numbers - annulled == await region.look.fetchval("SELECT count(*) FROM intake.appeal")


async def test_whatever_comes_late_or_twice_brings_nothing_back(region: Region) -> None:
    random = Random(0)
    import_id = uuid7()
    lines = await region.take_over(import_id, OPEN, CLOSED, {**OPEN, "organisation": "Упразднённый комитет"})
    await region.settle()
    await region.undo(import_id)
    await region.settle()
    for name in [*HANDLERS, *HANDLERS]:
        events = await region.events()
        random.shuffle(events)
        await region.deliver(name, events)
    await region.settle()
    left = await region.rows_left(line["id"] for line in lines)
    assert set(left) <= {"intake.appeal_history", "analytics.fact_assignment", "analytics.fact_answer"}, (
        "late words without what they are about are counted nowhere and shown to nobody"
    )
    assert await region.look.fetchval("SELECT count(created_at) FROM analytics.fact_assignment") == 0
    assert await region.received() == 0
    assert (await region.state(import_id))["removed"] == 3


async def test_cases_that_routing_hears_of_after_the_decision_are_not_placed(region: Region) -> None:
    import_id = uuid7()
    lines = await region.take_over(import_id, OPEN, CLOSED)
    imported = await region.events()
    await region.undo(import_id)
    asked = [event for event in await region.events() if isinstance(event, intake.ImportUndoAsked)]
    await region.deliver("routing", [*asked, *imported])
    await region.settle()
    assert (await region.state(import_id))["status"] == "undone"
    assert await region.rows_left(line["id"] for line in lines) == {}
    sent = await region.clients["intake"].post(
        f"/api/v1/imports?import_id={import_id}",
        content=b"{}",
        headers={**region.admin(), "Content-Type": "application/x-ndjson"},
    )
    assert sent.status_code == 409, "nothing more under the name of an import that was taken back"


async def work(region: Region, act: str, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Somebody does something to one of the cases; which."""
    agency = region.mint.headers("agency", organisation=ROADS)
    worked = lines[1] if act == "rate" else lines[0]
    if act == "rate":
        rating = {"score": 5, "solved": True}
        await region.call(
            "intake", "POST", f"/track/{worked['tracking_code']}/rating", {"X": "x"}, json=rating
        )
        return worked
    if act == "withdraw":
        await region.call("intake", "POST", f"/track/{worked['tracking_code']}/withdraw", {"X": "x"})
        return worked
    if act == "claim":
        claimed = await region.call("routing", "POST", "/queue/claim", agency, json={"limit": 1})
        return next(line for line in lines if line["id"] == claimed["items"][0]["appeal_id"])
    items = (await region.call("routing", "GET", "/queue", agency, params={"limit": 1000}))["items"]
    item = next(item for item in items if item["appeal_id"] == worked["id"])
    by = region.mint.headers("coordinator") if act == "correct" else agency
    bodies = {
        "accept": {},
        "answer": {"text": "Сделано", "outcome": "solved"},
        "correct": {"topic": "lamps", "reason": "так"},
        "external-ref": {"external_ref": "ВХ-1"},
        "assign": {"person": str(uuid7())},
    }
    headers = {**by, "If-Match": str(item["version"])}
    await region.call("routing", "POST", f"/assignments/{item['id']}/{act}", headers, json=bodies[act])
    return worked


async def test_work_on_one_case_keeps_the_whole_import(region: Region) -> None:
    acts = ("claim", "accept", "answer", "withdraw", "rate", "correct", "external-ref", "assign")
    for number, act in enumerate(acts, 1):
        import_id = uuid7()
        lines = await region.take_over(import_id, OPEN, CLOSED, OPEN, name=act)
        await region.settle()
        worked = await work(region, act, lines)
        await region.settle()
        path = f"/api/v1/imports/{import_id}/undo"
        refused = await region.clients["intake"].post(path, headers=region.admin())
        await region.settle()
        if refused.status_code == 409:
            assert worked["number"] in refused.json()["detail"], act
        else:
            state = await region.state(import_id)
            stands = (state["status"], state["worked_on"], state["worked_on_numbers"])
            assert stands == ("refused", 1, [worked["number"]]), act
        assert await region.look.fetchval("SELECT count(*) FROM routing.assignment") == 3 * number, act
        assert await region.received() == 3 * number, act


async def test_a_lease_that_was_given_back_is_no_work(region: Region) -> None:
    import_id = uuid7()
    await region.take_over(import_id, OPEN)
    await region.settle()
    agency = region.mint.headers("agency", organisation=ROADS)
    (item,) = (await region.call("routing", "POST", "/queue/claim", agency, json={"limit": 1}))["items"]
    await region.undo(import_id)
    await region.settle()
    assert (await region.state(import_id))["status"] == "refused"
    await region.call(
        "routing", "POST", f"/assignments/{item['id']}/release", {**agency, "If-Match": str(item["version"])},
        json={"lease_token": item["lease_token"]},
    )  # fmt: skip
    await region.undo(import_id)
    await region.settle()
    assert (await region.state(import_id))["status"] == "undone"


async def test_it_goes_on_where_it_was_and_leaves_what_was_taken_to_work_meanwhile(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undoing, "CHUNK", 1)
    import_id = uuid7()
    lines = await region.take_over(import_id, *[OPEN] * 4)
    await region.settle()
    await region.undo(import_id)
    await region.carry()
    await region.remove(1)
    await region.carry()
    state = await region.state(import_id)
    assert (state["status"], state["removed"]) == ("undoing", 1)
    agency = region.mint.headers("agency", organisation=ROADS)
    (item,) = (await region.call("routing", "POST", "/queue/claim", agency, json={"limit": 1}))["items"]
    await region.settle()
    state = await region.state(import_id)
    assert (state["status"], state["removed"], state["kept"]) == ("undone", 3, 1)
    await region.call(
        "routing", "POST", f"/assignments/{item['id']}/accept", {**agency, "If-Match": str(item["version"])},
        json={"lease_token": item["lease_token"]},
    )  # fmt: skip
    assert item["appeal_id"] in {line["id"] for line in lines}
    assert await region.received() == 1


async def test_who_may_take_back_what(region: Region) -> None:
    import_id = uuid7()
    await region.take_over(import_id, OPEN)
    for role in ("coordinator", "portal", "analyst", "federal"):
        await region.call("intake", "GET", "/imports", region.mint.headers(role), 403)
        await region.call("intake", "POST", f"/imports/{import_id}/undo", region.mint.headers(role), 403)
    elsewhere = region.admin("77")
    assert (await region.call("intake", "GET", "/imports", elsewhere))["items"] == []
    await region.call("intake", "POST", f"/imports/{import_id}/undo", elsewhere, 404)
    await region.call("intake", "GET", f"/imports/{uuid7()}", status=404)
    await region.call("intake", "POST", "/imports/nonsense/undo", status=422)
