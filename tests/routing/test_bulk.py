"""One action on many assignments: each item is judged, done and kept by itself."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from chassis.bulk import BulkCall
from services.routing.answers.api import bulk
from services.routing.assignments.schemas.bulk import BulkItem
from tests.routing.conftest import LIGHTS, Routing, appeal, told

PATH = "/assignments/bulk"
Item = dict[str, Any]


async def many(routing: Routing, count: int) -> list[Item]:
    """So many assignments in the queue of the committee for roads, none of them leased."""
    await routing.handle(*(appeal() for _ in range(count)))
    return await routing.queue(limit=1000)


def seen(items: list[Item], **more: Any) -> list[Item]:
    """Items of a bulk request about what was read."""
    return [{"id": item["id"], "version": item["version"], **more} for item in items]


async def test_one_items_failure_never_undoes_another(routing: Routing, look: asyncpg.Connection) -> None:
    first, second, third, fourth = await many(routing, 4)
    items = [
        {**seen([first])[0], "external_ref": "ВХ-1"},
        {"id": second["id"], "version": 7},
        {"id": str(uuid4()), "version": 1},
        {**seen([third])[0], "text": "лишнее"},
        *seen([fourth]),
    ]
    answer = await routing.call("POST", PATH, routing.agency(), json={"action": "accept", "items": items})
    assert [each["status"] for each in answer["items"]] == [200, 412, 404, 422, 200]
    assert [each["id"] for each in answer["items"]] == [item["id"] for item in items]
    done, stale, unknown, wrong, _ = answer["items"]
    assert (done["assignment"]["status"], done["assignment"]["external_ref"]) == ("accepted", "ВХ-1")
    assert "problem" not in done
    assert stale["problem"]["type"].endswith("version-stale")
    assert "assignment" not in stale
    assert unknown["problem"]["status"] == 404
    assert [error["pointer"] for error in wrong["problem"]["errors"]] == ["/items/3/text"]
    statuses = {item["id"]: item["status"] for item in await routing.queue()}
    assert [statuses[each["id"]] for each in (first, second, third, fourth)] == [
        "accepted",
        "new",
        "new",
        "accepted",
    ]
    assert len(await told(look, "assignment.accepted")) == 2


async def test_answers_with_a_common_text_and_some_of_their_own(routing: Routing) -> None:
    await many(routing, 3)
    claimed = await routing.claim(limit=3)
    items = [
        {**item, "lease_token": lease["lease_token"]}
        for item, lease in zip(seen(claimed), claimed, strict=True)
    ]
    items[1] |= {"text": "Своё", "outcome": "postponed"}
    items[2] |= {"lease_token": "wrong"}
    body = {"action": "answer", "text": "Сделано", "outcome": "solved", "items": items}
    answer = await routing.call("POST", PATH, routing.agency(), json=body)
    assert [each["status"] for each in answer["items"]] == [200, 422, 409]
    assert answer["items"][1]["problem"]["errors"][0]["pointer"] == "/items/1"
    assert answer["items"][2]["problem"]["type"].endswith("lease-lost")
    items[1] |= {"promised_on": "2099-05-01"}
    answer = await routing.call("POST", PATH, routing.agency(), json={**body, "items": items[1:2]})
    assert answer["items"][0]["assignment"]["status"] == "postponed"
    texts = []
    for item in claimed[:2]:
        details = await routing.call("GET", f"/assignments/{item['id']}", routing.agency())
        texts += [each["text"] for each in details["answers"]]
    assert texts == ["Сделано", "Своё"]
    bad = {**body, "outcome": "nonsense", "items": seen(claimed[2:])}
    refused = (await routing.call("POST", PATH, routing.agency(), json=bad))["items"][0]
    assert [error["pointer"] for error in refused["problem"]["errors"]] == ["/outcome"]


async def test_who_may_do_it_singly_may_do_it_to_many(routing: Routing) -> None:
    mine = await many(routing, 2)
    coordinator = routing.mint.headers("coordinator")
    for action in ("accept", "answer"):
        body = {"action": action, "items": seen(mine), "text": "x", "outcome": "solved"}
        await routing.call("POST", PATH, coordinator, 403, json=body)
    body = {"action": "redirect", "items": seen(mine), "reason_code": "other_topic"}
    answer = await routing.call("POST", PATH, routing.agency(LIGHTS), json=body)
    assert [each["status"] for each in answer["items"]] == [404, 404]
    far = routing.mint.headers("coordinator", ["59"])
    answer = await routing.call("POST", PATH, far, json=body)
    assert [each["status"] for each in answer["items"]] == [404, 404]
    answer = await routing.call("POST", PATH, coordinator, json={**body, "items": seen(mine[:1])})
    assert answer["items"][0]["assignment"]["status"] == "redirected"
    items = [{**seen(mine[1:])[0], "suggested_organisation": str(LIGHTS)}]
    answer = await routing.call("POST", PATH, routing.agency(), json={**body, "items": items})
    assert answer["items"][0]["status"] == 200
    assert len(await routing.triage()) == len(await routing.queue(LIGHTS)) == 1
    await routing.call("POST", PATH, routing.mint.headers("portal"), 403, json=body)
    wrongs: tuple[dict[str, Any], ...] = (
        {"items": []},
        {"items": seen(mine) * 251},
        {"action": "cancel"},
        {"items": [{"id": "x"}]},
    )
    for text in ("\ud800", "x\x00y"):
        content = json.dumps({"action": "answer", "text": text, "outcome": "solved", "items": seen(mine)})
        headers = {"Content-Type": "application/json", "Idempotency-Key": "half"}
        await routing.call("POST", PATH, routing.agency(), 422, content=content, more=headers)
    for wrong in wrongs:
        await routing.call("POST", PATH, routing.agency(), 422, json={**body, **wrong})


async def test_the_same_key_gives_the_first_answer(routing: Routing, look: asyncpg.Connection) -> None:
    items = await many(routing, 3)
    body = {"action": "accept", "items": seen(items)}
    more = {"Idempotency-Key": "bulk-1"}
    once = await routing.call("POST", PATH, routing.agency(), json=body, more=more)
    assert await routing.call("POST", PATH, routing.agency(), json=body, more=more) == once
    await routing.call(
        "POST", PATH, routing.agency(), 422, json={**body, "items": body["items"][:1]}, more=more
    )
    assert len(await told(look, "assignment.accepted")) == 3
    without_key = await routing.call("POST", PATH, routing.agency(), json=body)
    assert {each["status"] for each in without_key["items"]} == {412}


class CutOff(BaseException):
    """The process ends here, as far as the request can see."""


async def test_a_request_cut_off_in_the_middle_goes_on_where_it_was(
    routing: Routing, look: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was done stays done; the repeat finds it, does the rest, and nothing twice."""
    items = await many(routing, 4)
    body = {"action": "answer", "text": "Сделано", "outcome": "solved", "items": seen(items)}
    more = {"Idempotency-Key": "bulk-2"}
    act_on = bulk._act_on

    async def end_at_the_third(call: BulkCall[BulkItem], action: str, number: int, item: BulkItem) -> Any:
        if number == 2:
            raise CutOff
        return await act_on(call, action, number, item)

    with monkeypatch.context() as patched:
        patched.setattr(bulk, "_act_on", end_at_the_third)
        with pytest.raises(CutOff):
            await routing.call("POST", PATH, routing.agency(), json=body, more=more)
    assert len(await told(look, "assignment.answered")) == 2
    answer = await routing.call("POST", PATH, routing.agency(), json=body, more=more)
    assert [each["status"] for each in answer["items"]] == [200] * 4
    assert [each["assignment"]["status"] for each in answer["items"]] == ["answered"] * 4
    assert len(await told(look, "assignment.answered")) == 4
    assert await look.fetchval("SELECT count(*) FROM routing.idempotency_key") == 1, (
        "one answer is kept for all"
    )
    assert await look.fetchval("SELECT count(*) FROM routing.answer") == 4
    assert await routing.call("POST", PATH, routing.agency(), json=body, more=more) == answer


async def test_a_concurrent_repeat_does_nothing_twice(routing: Routing, look: asyncpg.Connection) -> None:
    """They meet at each item: whoever comes second waits for its transaction, and has its answer."""
    items = await many(routing, 10)
    body = {"action": "answer", "text": "Сделано", "outcome": "solved", "items": seen(items)}
    more = {"Idempotency-Key": "bulk-3"}
    answers = await asyncio.gather(
        *(routing.call("POST", PATH, routing.agency(), json=body, more=more) for _ in range(4))
    )
    assert answers[1:] == answers[:-1]
    assert {each["status"] for each in answers[0]["items"]} == {200}
    assert await look.fetchval("SELECT count(*) FROM routing.answer") == 10
    assert len(await told(look, "assignment.answered")) == 10


async def test_many_are_given_to_a_colleague_at_once(routing: Routing, look: asyncpg.Connection) -> None:
    """And taken from everybody; whoever is not of the organisation gives nothing."""
    first, second, third = await many(routing, 3)
    anna, boris = str(uuid4()), str(uuid4())
    items = [*seen([first]), *seen([second], person=boris), {"id": third["id"], "version": 9}]
    body = {"action": "assign", "person": anna, "items": items}
    answer = await routing.call("POST", PATH, routing.agency(), json=body)
    assert [each["status"] for each in answer["items"]] == [200, 200, 412]
    persons = {item["id"]: item["person"] for item in await routing.queue()}
    assert [persons[each["id"]] for each in (first, second, third)] == [anna, boris, None]
    assert len(await told(look, "assignment.given_to_person")) == 2
    nobody = {"action": "assign", "person": None, "items": seen([first])}
    await routing.call("POST", PATH, routing.agency(), json=nobody)
    assert {item["id"]: item["person"] for item in await routing.queue()}[first["id"]] is None
    for wrong in ({"action": "assign"}, {"action": "assign", "person": anna, "text": "x"}):
        refused = await routing.call("POST", PATH, routing.agency(), json=wrong | {"items": seen([second])})
        assert [each["status"] for each in refused["items"]] == [422], wrong
    strangers = await routing.call("POST", PATH, routing.agency(LIGHTS), json=body)
    assert {each["status"] for each in strangers["items"]} == {404}
    await routing.call("POST", PATH, routing.mint.headers("coordinator"), 403, json=body)
