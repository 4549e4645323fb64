"""Answers in review: what is blocked is not the citizen's, until a coordinator approves it or another person signs it."""

from __future__ import annotations

import base64
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from contracts.intake import AppealRated, AppealReopened
from services.routing.answers.rules.signatures import read_signature
from tests.routing.conftest import LIGHTS, NOW, ROADS, Routing, appeal, heard, told

RUDE = "Перестаньте жаловаться, нам и без вас есть чем заняться."
GOOD = "Яма у дома 5 заделана 20 ноября бригадой МУП «Дорожник», акт № 14."
SIGNATURE = base64.b64encode(bytes.fromhex("301306092a864886f70d010702a006300402020101")).decode()


async def taken(routing: Routing, **fields: Any) -> dict[str, Any]:
    """An assignment of a new appeal, claimed by the organisation of roads."""
    await routing.handle(appeal(**fields))
    return (await routing.claim(limit=1))[0]


async def set_up(routing: Routing, **changes: object) -> None:
    """The region's settings."""
    admin = routing.mint.headers("admin", ["*"])
    now = await routing.call("GET", "/settings/46/routing", admin)
    await routing.call(
        "PUT", "/settings/46/routing", admin, json=now | changes, more={"If-Match": now["version"]}
    )


def signer_of(routing: Routing, person: str) -> dict[str, str]:
    """Somebody of the organisation of roads."""
    return routing.mint.headers("agency", organisation=ROADS, person=person)


async def reviews(routing: Routing, **params: object) -> list[dict[str, Any]]:
    answer = await routing.call("GET", "/reviews", routing.mint.headers("coordinator"), params=params)
    items: list[dict[str, Any]] = answer["items"]
    return items


async def decide(routing: Routing, item: dict[str, Any], status: int = 200, **body: object) -> Any:
    return await routing.call(
        "POST",
        f"/answers/{item['id']}/review",
        routing.mint.headers("coordinator"),
        status,
        json=body,
        more={"If-Match": item["version"]},
    )


async def test_what_a_check_blocks_waits_is_returned_mended_and_approved(
    routing: Routing, look: asyncpg.Connection
) -> None:
    item = await taken(routing)
    item |= await routing.act(item, "answer", text=RUDE, outcome="explained")
    assert (item["status"], item["lease_expires_at"]) == ("in_review", None)
    assert await told(look, "assignment.answered") == []
    assert len(await told(look, "assignment.accepted")) == 1, "who answers has taken the question to work"
    (held,) = await told(look, "answer.held")
    assert held["checks"][0] == "rude"

    (waiting,) = await reviews(routing)
    assert (waiting["text"], waiting["mode"], waiting["risk"]) == (RUDE, "none", 1.0)
    assert waiting["checks"][0]["check"] == "rude"
    assert waiting["checks"][0]["severity"] == "block"
    assert waiting["version"] == item["version"]
    portal = routing.mint.headers("portal", client="client-portal")
    await routing.call("GET", f"/answers/{waiting['id']}", portal, 404)

    await decide(routing, waiting, 422, decision="return", reasons=[])
    await decide(routing, waiting | {"version": 1}, 412, decision="approve")
    returned = await decide(routing, waiting, decision="return", reasons=["Без упрёков.", "Назовите срок."])
    assert (returned["state"], returned["reasons"]) == ("returned", ["Без упрёков.", "Назовите срок."])
    assert await reviews(routing) == []
    assert (await heard(look, "answer.returned"))[0] == {"reasons": "Без упрёков.\nНазовите срок."}

    details = await routing.call("GET", f"/assignments/{item['id']}", routing.agency())
    assert (details["status"], details["answers"][0]["state"]) == ("accepted", "returned")
    mended = await routing.act(details, "answer", text=GOOD, outcome="solved")
    assert mended["status"] == "answered"
    (answered,) = await told(look, "assignment.answered")
    await routing.call("GET", f"/answers/{answered['answer_id']}", portal)
    stored = await look.fetchval(
        "SELECT string_agg(checks || coalesce(reasons, ''), '') FROM routing.answer_review"
    )
    assert stored == "", "officials' words are sealed"


async def test_an_approved_answer_is_given_when_it_is_approved(
    routing: Routing, look: asyncpg.Connection
) -> None:
    await set_up(routing, review_mode="all")
    item = await taken(routing)
    item |= await routing.act(item, "answer", text=GOOD, outcome="solved")
    assert item["status"] == "in_review"
    (waiting,) = await reviews(routing, region="46")
    approved = await decide(routing, waiting, decision="approve")
    assert approved["state"] == "published"
    (event,) = await told(look, "assignment.answered")
    assert event["answered_at"] > waiting["submitted_at"]
    assert (await heard(look, "assignment.answered"))[0] == {"text": GOOD}
    await decide(routing, waiting | {"version": item["version"] + 1}, 409, decision="approve")
    assert [change for _, change in await routing.feed()][-1] == "left"


async def test_a_held_promise_and_a_held_plan_go_on_as_what_they_are(routing: Routing) -> None:
    await set_up(routing, review_mode="all")
    item = await taken(routing)
    item |= await routing.act(item, "interim", text="Разбираемся до 5 мая 2099 года.")
    (waiting,) = await reviews(routing)
    assert (waiting["interim"], waiting["outcome"]) == (True, None)
    await decide(routing, waiting, decision="approve")
    item |= await routing.call("GET", f"/assignments/{item['id']}", routing.agency())
    assert item["status"] == "interim"
    item |= await routing.act(item, "answer", text="Заделаем.", outcome="postponed", promised_on="2099-05-01")
    (waiting,) = await reviews(routing)
    await decide(routing, waiting, decision="approve")
    item |= await routing.call("GET", f"/assignments/{item['id']}", routing.agency())
    assert item["status"] == "postponed"
    item |= await routing.act(item, "answer", text=GOOD, outcome="solved")
    (waiting,) = await reviews(routing)
    await decide(routing, waiting, decision="return", reasons=["Приложите фото."])
    details = await routing.call("GET", f"/assignments/{item['id']}", routing.agency())
    assert details["status"] == "postponed", "the promise stands as before"


async def test_a_citizen_who_is_not_satisfied_is_heard_while_a_further_answer_waits(
    routing: Routing, look: asyncpg.Connection
) -> None:
    item = await taken(routing)
    item |= await routing.act(item, "answer", text="Заделаем.", outcome="postponed", promised_on="2099-05-01")
    (promised,) = await told(look, "assignment.answered")
    await set_up(routing, review_mode="all")
    item |= await routing.act(item, "answer", text=GOOD, outcome="solved")
    (waiting,) = await reviews(routing)
    await routing.handle(
        AppealReopened(
            region="46",
            appeal_id=item["appeal_id"],
            assignment_id=item["id"],
            answer_id=promised["answer_id"],
            reason="Не решено",
            reopened_at=NOW,
        )
    )
    details = await routing.call("GET", f"/assignments/{item['id']}", routing.agency())
    assert (details["status"], details["cycle"]) == ("reopened", 2)
    assert await reviews(routing) == []
    await decide(routing, waiting | {"version": details["version"]}, 409, decision="approve")
    assert (await routing.act(details, "accept"))["status"] == "accepted"


async def test_a_plan_waits_only_where_everything_is_reviewed(routing: Routing) -> None:
    """The organisation has to go on with the question."""
    await set_up(routing, review_mode="risk", second_signature="all")
    item = await taken(routing)
    item |= await routing.act(item, "interim", text=RUDE)
    assert item["status"] == "interim"


async def test_who_gave_an_answer_neither_signs_nor_reviews_it(routing: Routing) -> None:
    await set_up(routing, second_signature="all", review_mode="all")
    first, second = str(uuid4()), str(uuid4())
    writer = routing.mint.headers("agency", organisation=ROADS, person=first)
    item = await taken(routing)
    item |= await routing.act(
        item, "answer", headers=writer, text=GOOD, outcome="solved", signature=SIGNATURE
    )
    (waiting,) = await reviews(routing)
    assert waiting["mode"] == "signature"
    path = f"/answers/{waiting['id']}/sign"
    await decide(routing, waiting, 409, decision="approve")
    await routing.call("POST", path, writer, 403)
    await routing.call("POST", path, routing.agency(), 403)
    shown = f"/assignments/{item['id']}"
    for headers, may_sign in ((writer, False), (routing.agency(), False), (signer_of(routing, second), True)):
        (answer,) = (await routing.call("GET", shown, headers))["answers"]
        assert (answer["waits_for"], answer["may_sign"]) == ("signature", may_sign)
    await routing.call("POST", path, routing.mint.headers("coordinator", person=second), 403)
    await routing.call("POST", path, routing.mint.headers("agency", organisation=LIGHTS, person=second), 404)
    signer = signer_of(routing, second)
    signed = await routing.call("POST", path, signer)
    assert (signed["state"], signed["signature"]) == ("in_review", SIGNATURE)
    assert (signed["waits_for"], signed["may_sign"]) == ("review", False)
    await routing.call("POST", path, signer, 409)
    (waiting,) = await reviews(routing)
    assert waiting["mode"] == "all"
    same = routing.mint.headers("coordinator", person=first)
    body = {"json": {"decision": "approve"}, "more": {"If-Match": waiting["version"]}}
    await routing.call("POST", f"/answers/{waiting['id']}/review", same, 403, **body)
    await decide(routing, waiting, decision="approve")


async def test_a_statutory_answer_goes_out_with_the_second_signature(
    routing: Routing, look: asyncpg.Connection
) -> None:
    await set_up(routing, second_signature="statutory")
    message = await taken(routing)
    assert (await routing.act(message, "answer", text=GOOD, outcome="solved"))["status"] == "answered"
    item = await taken(routing, regime="statutory")
    item |= await routing.act(
        item, "answer", text="Яму на улице Лесной засыпали 3 мая, акт № 8.", outcome="solved"
    )
    assert item["status"] == "in_review"
    (waiting,) = await reviews(routing)
    signer = routing.mint.headers("agency", organisation=ROADS, person=str(uuid4()), client="desk")
    assert (await routing.call("POST", f"/answers/{waiting['id']}/sign", signer))["state"] == "published"
    assert len(await told(look, "assignment.answered")) == 2
    assert len(await told(look, "answer.signed")) == 1


@pytest.mark.parametrize("broken", ["x", "AAAA", base64.b64encode(bytes.fromhex("3003020101")).decode()])
async def test_a_file_that_is_no_signature_is_refused(routing: Routing, broken: str) -> None:
    item = await taken(routing)
    await routing.act(item, "answer", status=422, text=GOOD, outcome="solved", signature=broken)
    with pytest.raises(ValueError):
        read_signature(broken)


async def test_nobody_signs_what_they_may_have_given_themselves(routing: Routing) -> None:
    """A system that names no person may have been anybody who works with it: only through another client is it another."""
    await set_up(routing, second_signature="all")
    item = await taken(routing)
    await routing.act(item, "answer", text=GOOD, outcome="solved")
    (waiting,) = await reviews(routing)
    path, someone = f"/answers/{waiting['id']}/sign", str(uuid4())

    def by(client: str, person: str | None) -> dict[str, str]:
        return routing.mint.headers("agency", organisation=ROADS, client=client, person=person)

    same = "client-agency"
    await routing.call("POST", path, by(same, someone), 403)
    await routing.call("POST", path, by(same, None), 403)
    await routing.call("POST", path, by("desk", None), 403)
    assert (await routing.call("POST", path, by("desk", someone)))["state"] == "published"


async def test_the_same_answer_to_another_appeal_is_warned_of(routing: Routing) -> None:
    first, second = await taken(routing), await taken(routing)
    body = {"text": GOOD, "outcome": "solved", "region": "46", "assignment_id": second["id"]}

    async def found() -> set[str]:
        answer = await routing.call("POST", "/answers/check", routing.agency(), json=body)
        return {each["check"] for each in answer["checks"]}

    assert "repeated" not in await found()
    await routing.act(first, "answer", text=GOOD, outcome="solved")
    assert "repeated" in await found()
    body |= {"assignment_id": first["id"]}
    assert "repeated" not in await found(), "its own answer is no other's"
    stranger = routing.mint.headers("agency", organisation=LIGHTS)
    await routing.call("POST", "/answers/check", stranger, 404, json=body)
    del body["assignment_id"]
    theirs = await routing.call("POST", "/answers/check", stranger, json=body)
    assert "repeated" not in {each["check"] for each in theirs["checks"]}


async def test_risk_adds_up_to_a_review(routing: Routing) -> None:
    await set_up(routing, review_mode="risk")
    item = await taken(routing, text="Яма на дороге. Когда заделают и кто отвечает?")
    item |= await routing.act(item, "answer", text=GOOD, outcome="solved")
    assert item["status"] == "answered"
    poor = await taken(routing, text="Яма на дороге. Кто отвечает?")
    vague = "Яма осмотрена. Её заделают в ближайшее время. Вам нужно подать заявление ещё раз."
    poor |= await routing.act(poor, "answer", text=vague, outcome="explained")
    assert poor["status"] == "in_review"
    (waiting,) = await reviews(routing)
    assert (waiting["mode"], waiting["risk"]) == ("risk", 0.75)


async def test_quality_is_material_for_training(routing: Routing) -> None:
    item = await taken(routing)
    await routing.act(item, "answer", text=RUDE, outcome="explained")
    (waiting,) = await reviews(routing)
    await decide(routing, waiting, decision="return", reasons=["Без упрёков."])
    details = await routing.call("GET", f"/assignments/{item['id']}", routing.agency())
    await routing.act(details, "answer", text=GOOD, outcome="solved")
    details = await routing.call("GET", f"/assignments/{item['id']}", routing.agency())
    answer = details["answers"][-1]["id"]
    keys = {"region": "46", "appeal_id": item["appeal_id"], "assignment_id": item["id"], "answer_id": answer}
    await routing.handle(
        AppealRated(**keys, score=2, solved=False, rated_at=NOW),
        AppealReopened(**keys, reason="не решено", reopened_at=NOW),
    )
    coordinator = routing.mint.headers("coordinator")
    (mine,) = (await routing.call("GET", "/answers/quality", coordinator, params={"region": "46"}))["items"]
    assert (mine["answers"], mine["returned"], mine["reopened"], mine["mean_score"]) == (1, 1, 1, 2.0)
    assert mine["returned_by_check"][0] == {"check": "rude", "answers": 1}
    assert mine["examples"] == [waiting["id"]]
    assert (await routing.call("GET", "/answers/quality", routing.agency()))["items"] == [mine]
    other = routing.mint.headers("agency", organisation=LIGHTS)
    assert (await routing.call("GET", "/answers/quality", other))["items"] == []
    await routing.call("GET", "/answers/quality", other, 404, params={"organisation": str(ROADS)})
    none = {"to": "2020-01-01"}
    assert (await routing.call("GET", "/answers/quality", coordinator, params=none))["items"] == []
    year = {"from": "2019-01-01", "to": "2020-01-02"}
    assert (await routing.call("GET", "/answers/quality", coordinator, params=year))["items"] == []
    longer = year | {"to": "2020-01-03"}
    problem = await routing.call("GET", "/answers/quality", coordinator, 422, params=longer)
    assert [each["pointer"] for each in problem["errors"]] == ["from"]
    await routing.call("GET", "/answers/quality", coordinator, 422, params={"from": "2019-01-01"})
    earliest = {"to": "1970-01-01"}
    assert (await routing.call("GET", "/answers/quality", coordinator, params=earliest))["items"] == []
