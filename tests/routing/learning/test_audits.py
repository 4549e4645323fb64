"""Decisions without a person are drawn at random, judged blind, set right and learned from."""

from __future__ import annotations

from typing import Any

import asyncpg

from contracts.intake import AppealWithdrawn
from tests.routing.conftest import CITY, LIGHTS, NOW, ROADS, Routing, Said, appeal, told
from tests.routing.learning.steps import labels_of, set_share


async def test_every_decision_of_the_model_can_be_drawn_and_no_other(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """Not what a citizen chose, not what waits for a coordinator, not what had ended before; a replay draws nothing."""
    await set_share(routing, 1.0)
    routing.classifier.told["Туман"] = Said("Ямы на дорогах", 0.1)
    sure, unsure, chosen, ended = appeal(), appeal("Туман"), appeal(topic="holes"), appeal("Ямища")
    await routing.handle(AppealWithdrawn(region="46", appeal_id=ended.appeal_id, withdrawn_at=NOW))
    await routing.handle(sure, unsure, chosen, ended)
    await routing.handle(sure, unsure, chosen, ended)
    drawn = await look.fetch("SELECT appeal_id, confidence, topic, organisation_id FROM routing.audit")
    assert [(each["appeal_id"], each["topic"], each["organisation_id"]) for each in drawn] == [
        (sure.appeal_id, "holes", ROADS)
    ]
    assert drawn[0]["confidence"] == 0.9


async def test_a_region_draws_about_its_share(routing: Routing, look: asyncpg.Connection) -> None:
    await routing.handle(*(appeal() for _ in range(400)))
    assert await look.fetchval("SELECT count(*) FROM routing.audit") <= 20, "0.015 unless it is set otherwise"
    await set_share(routing, 0.25)
    await routing.handle(*(appeal() for _ in range(400)))
    assert 70 <= await look.fetchval("SELECT count(*) FROM routing.audit") <= 150
    await set_share(routing, 0.0)
    before = await look.fetchval("SELECT count(*) FROM routing.audit")
    await routing.handle(*(appeal() for _ in range(50)))
    assert await look.fetchval("SELECT count(*) FROM routing.audit") == before


async def test_a_wrong_decision_is_set_right_and_learned_from(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """The confidence is hidden until then; the organisation that had it loses it, the right one gets it."""
    await set_share(routing, 1.0)
    await routing.handle(appeal("Яма у дома"))
    (audit,) = await audits(routing)
    assert audit["text"] == "Яма у дома"
    assert (audit["topic"], audit["organisation"]["id"], audit["status"]) == ("holes", str(ROADS), "open")
    assert (audit["confidence"], audit["model"], audit["verdict"], audit["version"]) == (None, None, None, 1)
    decided = await decide(routing, audit, verdict="wrong", topic="lamps")
    assert (decided["status"], decided["verdict"], decided["version"]) == ("decided", "wrong", 2)
    assert (decided["confidence"], decided["topic"]) == (0.9, "holes"), "what was decided stays as it was"
    (item,) = await routing.claim(LIGHTS)
    assert (item["id"], item["topic"]) == (audit["assignment_id"], "lamps")
    assert await routing.queue(ROADS) == []
    (event,) = await told(look, "assignment.corrected")
    assert event["previous_organisation_id"] == str(ROADS)
    assert await labels_of(look) == [("audit", "lamps", LIGHTS)]
    assert await audits(routing, status="open") == []
    assert len(await audits(routing, status="decided")) == 1


async def test_a_right_decision_is_a_label_too_and_changes_nothing(
    routing: Routing, look: asyncpg.Connection
) -> None:
    await set_share(routing, 1.0)
    await routing.handle(appeal())
    (audit,) = await audits(routing)
    await decide(routing, audit, verdict="right")
    assert await labels_of(look) == [("audit", "holes", ROADS)]
    assert (await routing.claim())[0]["version"] == 1


async def test_what_is_closed_is_not_corrected_but_learned_from(
    routing: Routing, look: asyncpg.Connection
) -> None:
    await set_share(routing, 1.0)
    await routing.handle(appeal())
    (item,) = await routing.claim()
    await routing.act(item, "answer", text="Сделано.", outcome="solved")
    (audit,) = await audits(routing)
    await decide(routing, audit, verdict="wrong", topic="lamps", organisation=str(LIGHTS))
    assert await labels_of(look) == [("audit", "lamps", LIGHTS)]
    assert await look.fetchval("SELECT organisation_id FROM routing.assignment") == ROADS


async def test_what_a_person_has_decided_since_stays_with_whom_it_was_given_to(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """An audit is of the model's decision, which it shows: who finds the same wrong a week later does not take the question from
    whom a colleague has given it to, and who works on it."""
    await set_share(routing, 1.0)
    await routing.handle(appeal())
    (item,) = await routing.claim()
    coordinator = routing.mint.headers("coordinator")
    corrected: dict[str, Any] = {"topic": "lamps", "organisation": str(CITY), "reason": "Мост передан городу"}
    await routing.act(item, "correct", headers=coordinator, **corrected)
    (again,) = await routing.claim(CITY)
    accepted = await routing.act(again, "accept", CITY)
    (audit,) = await audits(routing)
    assert audit["topic"] == "holes"
    await decide(routing, audit, verdict="wrong", topic="lamps")
    (kept,) = await routing.queue(CITY)
    assert (kept["status"], kept["version"]) == ("accepted", accepted["version"])
    assert len(await told(look, "assignment.corrected")) == 1
    assert await labels_of(look) == [("correction", "lamps", CITY), ("audit", "lamps", None)]


async def test_an_audit_is_decided_once_by_whoever_saw_it_as_it_is(
    routing: Routing, look: asyncpg.Connection
) -> None:
    await set_share(routing, 1.0)
    await routing.handle(appeal())
    (audit,) = await audits(routing)
    await decide(routing, audit, 422, verdict="right", topic="lamps")
    await decide(routing, audit, 422, verdict="wrong", topic="no-such")
    await decide(routing, audit, 422, verdict="perhaps")
    await decide(routing, {**audit, "version": 7}, 412, verdict="right")
    assert await labels_of(look) == []
    await decide(routing, audit, verdict="wrong")
    assert await labels_of(look) == [], "what is right instead is not known"
    await decide(routing, {**audit, "version": 2}, 409, verdict="right")


async def test_a_complaint_is_not_given_to_its_object_by_an_audit_either(routing: Routing) -> None:
    await set_share(routing, 1.0)
    await routing.handle(appeal(complained_about=CITY, municipality="38602000"))
    (audit,) = await audits(routing)
    await decide(routing, audit, 422, verdict="wrong", organisation=str(ROADS))
    assert (await audits(routing))[0]["status"] == "open"


async def test_pages_follow_each_other_and_others_see_nothing(routing: Routing) -> None:
    await set_share(routing, 1.0)
    await routing.handle(*(appeal() for _ in range(5)))
    coordinator = routing.mint.headers("coordinator")
    ids, cursor = [], ""
    while cursor is not None:
        page = await routing.call("GET", "/audits", coordinator, params={"limit": 2, "cursor": cursor})
        ids += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert len(set(ids)) == 5
    assert ids == sorted(ids)
    elsewhere = routing.mint.headers("coordinator", ["59"])
    assert (await routing.call("GET", "/audits", elsewhere))["items"] == []
    await routing.call("GET", "/audits", coordinator, 403, params={"region": "59"})
    await routing.call("GET", "/audits", routing.agency(), 403)
    await routing.call(
        "POST", f"/audits/{ids[0]}", elsewhere, 404, json={"verdict": "right"}, more={"If-Match": 1}
    )


async def audits(routing: Routing, **params: str) -> list[dict[str, Any]]:
    page = await routing.call("GET", "/audits", routing.mint.headers("coordinator"), params=params)
    items: list[dict[str, Any]] = page["items"]
    return items


async def decide(routing: Routing, audit: dict[str, Any], status: int = 200, **body: Any) -> dict[str, Any]:
    answer: dict[str, Any] = await routing.call(
        "POST",
        f"/audits/{audit['id']}",
        routing.mint.headers("coordinator"),
        status,
        json=body,
        more={"If-Match": audit["version"]},
    )
    return answer
