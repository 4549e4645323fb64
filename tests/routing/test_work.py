"""What a body does with an assignment, and what follows from it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import asyncpg

from contracts.intake import AppealClarified, AppealReopened
from tests.routing.conftest import CENTRE, CITY, LIGHTS, NOW, ROADS, Routing, appeal, heard, told


async def _one(routing: Routing, **fields: Any) -> dict[str, Any]:
    await routing.handle(appeal(**fields))
    (item,) = await routing.claim()
    return item


async def test_an_answer_and_a_poor_rating(routing: Routing, look: asyncpg.Connection) -> None:
    item = await _one(routing)
    item |= await routing.act(item, "accept")
    item |= await routing.act(item, "interim", text="Закажем материал", promised_on="2099-12-01")
    assert item["status"] == "interim"
    words = "Яма заделана, тел. +7 910 555-12-34, a@b.ru"
    item |= await routing.act(item, "answer", text=words, outcome="solved")
    assert (item["status"], item["version"], item["cycle"]) == ("answered", 4, 1)
    (answered,) = await told(look, "assignment.answered")
    assert await heard(look, "assignment.answered") == [{"text": words}]
    assert (answered["cycle"], answered["outcome"], answered["sequence"]) == (1, "solved", 4)
    full = await routing.call("GET", f"/answers/{answered['answer_id']}", routing.agency())
    assert full["text"] == words
    portal = routing.mint.headers("portal")
    await routing.call("GET", f"/answers/{answered['answer_id']}", portal)
    stranger = routing.mint.headers("portal", client="other")
    await routing.call("GET", f"/answers/{answered['answer_id']}", stranger, 404)
    await routing.call("GET", f"/answers/{answered['answer_id']}", routing.agency(LIGHTS), 404)

    reopened = AppealReopened(
        region="46",
        appeal_id=item["appeal_id"],
        assignment_id=item["id"],
        answer_id=answered["answer_id"],
        reason="Не решено",
        reopened_at=NOW,
    )
    await routing.handle(reopened, reopened)
    await routing.handle(reopened)
    (again,) = await routing.claim()
    assert (again["id"], again["status"], again["version"], again["cycle"]) == (
        item["id"],
        "reopened",
        5,
        2,
    )
    (event,) = await told(look, "assignment.reopened")
    assert (event["cycle"], event["answer_id"], event["sequence"]) == (2, answered["answer_id"], 5)
    again |= await routing.act(again, "answer", text="Теперь точно", outcome="explained")
    await routing.handle(reopened)
    assert (await told(look, "assignment.answered"))[1]["cycle"] == 2
    assert len(await told(look, "assignment.reopened")) == 1, "once per answer"
    details = await routing.call("GET", f"/assignments/{item['id']}", routing.agency())
    assert [(a["interim"], a["cycle"]) for a in details["answers"]] == [(True, 1), (False, 1), (False, 2)]


async def test_a_promise_must_lie_ahead(routing: Routing) -> None:
    item = await _one(routing)
    attempts: list[dict[str, Any]] = [{}, {"promised_on": "2020-01-01"}]
    for promised in attempts:
        refused = await routing.act(item, "answer", status=422, text="x", outcome="postponed", **promised)
        assert refused["type"].endswith("invalid")
    await routing.act(item, "interim", status=422, text="x", promised_on="2020-01-01")
    item |= await routing.act(item, "answer", text="Весной", outcome="postponed", promised_on="2099-05-01")
    assert item["status"] == "postponed"
    item |= await routing.act(item, "answer", text="Сделали", outcome="solved")
    assert item["status"] == "answered"


async def test_a_question_to_the_citizen(routing: Routing, look: asyncpg.Connection) -> None:
    item = await _one(routing)
    item |= await routing.act(item, "clarify", question="Какой дом? Пишите на a@b.ru")
    assert await heard(look, "clarification.asked") == [{"question": "Какой дом? Пишите на a@b.ru"}]
    await routing.act(item, "answer", status=409, text="x", outcome="solved")

    def said(minutes: int) -> AppealClarified:
        at = item_asked + timedelta(minutes=minutes)
        return AppealClarified(region="46", appeal_id=item["appeal_id"], text="Дом 5", clarified_at=at)

    item_asked = await look.fetchval("SELECT asked_at FROM routing.assignment")
    await routing.handle(said(-5))
    assert (await routing.queue())[0]["status"] == "clarifying", "said before this question was asked"
    await routing.handle(said(5), said(6))
    assert (await routing.queue())[0]["status"] == "accepted"
    (received,) = await told(look, "clarification.received")
    assert (received["text"], received["sequence"]) == ("Дом 5", 3)
    details = await routing.call("GET", f"/assignments/{item['id']}", routing.agency())
    (asked,) = details["clarifications"]
    assert (asked["question"], asked["text"]) == ("Какой дом? Пишите на a@b.ru", "Дом 5")
    assert datetime.fromisoformat(asked["asked_at"]) == item_asked
    assert datetime.fromisoformat(asked["at"]) == item_asked + timedelta(minutes=6)
    stored = await look.fetchrow("SELECT question, sealed FROM routing.clarification")
    assert stored["question"] == ""
    assert "Какой".encode() not in stored["sealed"]
    assert [change for _, change in await routing.feed()] == ["entered", "changed", "changed"]


async def test_a_clock_that_steps_back_puts_nothing_before_what_it_follows(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """Each act finds the one before it two seconds ahead of its own clock: all times stay in line."""

    async def step_back() -> None:
        ahead = "UPDATE routing.assignment SET {0} = clock_timestamp() + interval '2 s' WHERE {0} IS NOT NULL"
        for column in ("created_at", "accepted_at", "asked_at", "answered_at"):
            await look.execute(ahead.format(column))
        await look.execute(
            "UPDATE routing.document_request SET requested_at = clock_timestamp() + interval '3 s'"
        )

    item = await _one(routing, received_at=NOW + timedelta(days=400))
    await step_back()
    before = await look.fetchval("SELECT created_at FROM routing.assignment")
    item |= await routing.act(item, "accept")
    await routing.act(item, "request-documents", addressee="Росреестр", what="выписка")
    await step_back()
    request = await look.fetchval("SELECT id FROM routing.document_request")
    await routing.act(item, "receive-documents", request_id=str(request))
    documents = await look.fetchrow("SELECT * FROM routing.document_request")
    item |= await routing.act(item, "answer", text="Сделано", outcome="solved")
    (answered,) = await told(look, "assignment.answered")
    await step_back()
    reopened = AppealReopened(
        region="46",
        appeal_id=item["appeal_id"],
        assignment_id=item["id"],
        answer_id=answered["answer_id"],
        reason="Не решено",
        reopened_at=NOW,
    )
    await routing.handle(reopened)
    (created,) = await told(look, "assignment.created")
    assert created["created_at"] >= created["received_at"]
    stands = await look.fetchrow("SELECT * FROM routing.assignment")
    (accepted,) = await told(look, "assignment.accepted")
    (again,) = await told(look, "assignment.reopened")
    assert _at(accepted["accepted_at"]) >= before
    assert _at(answered["answered_at"]) >= _at(accepted["accepted_at"])
    assert _at(again["reopened_at"]) >= stands["answered_at"]
    assert documents["received_at"] >= documents["requested_at"]


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_more_days(routing: Routing, look: asyncpg.Connection) -> None:
    item = await _one(routing)
    for days in (0, 31):
        await routing.act(item, "request-extension", status=422, days=days, reason="x")
    asked = await routing.act(item, "request-extension", days=10, reason="Ждём материалы")
    assert (asked["status"], asked["version"]) == ("new", 1)
    (event,) = await told(look, "extension.requested")
    assert (event["days"], event["organisation"]["name"]) == (10, "Комитет дорог")
    assert await heard(look, "extension.requested") == [{"reason": "Ждём материалы"}]


async def test_not_ours(routing: Routing, look: asyncpg.Connection) -> None:
    """The old one ends, a new one goes to the suggested body – or to a coordinator with the reason."""
    item = await _one(routing)
    ended = await routing.act(
        item, "redirect", reason_code="not_competent", comment="к ним", suggested_organisation=str(LIGHTS)
    )
    assert ended["status"] == "redirected"
    (moved,) = await told(look, "assignment.redirected")
    created = (await told(look, "assignment.created"))[1]
    assert moved["successor_id"] == created["assignment_id"]
    assert (created["predecessor_id"], created["organisation"]["id"]) == (item["id"], str(LIGHTS))
    for sender, receiver in ((LIGHTS, ROADS), (ROADS, LIGHTS)):
        (item,) = await routing.claim(sender)
        await routing.act(
            item, "redirect", sender, reason_code="not_competent", suggested_organisation=str(receiver)
        )
    (item,) = await routing.triage()
    assert item["triage_reason"].startswith("Вопрос перенаправляют больше 2 раз")
    assert item["hops"] == 3
    passed_on = [(hop["organisation"]["name"], hop["reason_code"]) for hop in item["hops_history"]]
    assert passed_on == [
        ("Комитет дорог", "not_competent"),
        ("Горсвет", "not_competent"),
        ("Комитет дорог", "not_competent"),
    ]
    moments = [hop["at"] for hop in item["hops_history"]]
    assert moments == sorted(moments)
    coordinator = routing.mint.headers("coordinator")
    await routing.act(item, "redirect", headers=coordinator, status=409, reason_code="other")


async def test_a_bad_suggestion_goes_to_a_coordinator(routing: Routing) -> None:
    for suggested, reason in (
        (None, "Исполнитель отказался и не назвал"),
        (ROADS, "Исполнитель отказался и назвал самого себя"),
        (CENTRE, "Предложенного исполнителя нет"),
        ("00000000-0000-7000-8000-000000000001", "Предложенного исполнителя нет"),
    ):
        item = await _one(routing)
        body: dict[str, Any] = {"suggested_organisation": str(suggested)} if suggested else {}
        await routing.act(item, "redirect", reason_code="other_topic", comment="тел. 8 910 555 12 34", **body)
        waiting = next(i for i in await routing.triage() if i["predecessor_id"] == item["id"])
        assert waiting["triage_reason"].startswith(reason)
        assert "вопрос относится к другой теме" in waiting["triage_reason"]
        assert "555" not in waiting["triage_reason"]


async def test_a_reason_for_redirecting_is_one_of_five(routing: Routing) -> None:
    """A code of one's own could hold anything, and everybody is told of it."""
    item = await _one(routing)
    await routing.act(item, "redirect", status=422, reason_code="89105551234")
    assert (await routing.act(item, "redirect", reason_code="other-territory"))["status"] == "redirected"


async def test_a_complaint_is_not_redirected_to_its_object(routing: Routing) -> None:
    await routing.handle(appeal(complained_about=ROADS))
    (item,) = await routing.claim(CITY)
    await routing.act(item, "redirect", CITY, reason_code="not_competent", suggested_organisation=str(ROADS))
    assert "59-ФЗ" in (await routing.triage())[0]["triage_reason"]


async def test_the_same_key_acts_once(routing: Routing, look: asyncpg.Connection) -> None:
    item = await _one(routing)
    more = {"If-Match": item["version"], "Idempotency-Key": "k1"}
    path, body = f"/assignments/{item['id']}/answer", {"text": "Да", "outcome": "solved"}
    body["lease_token"] = item["lease_token"]
    first = await routing.call("POST", path, routing.agency(), json=body, more=more)
    again = await routing.call("POST", path, routing.agency(), json=body, more=more)
    assert first == again
    assert len(await told(look, "assignment.answered")) == 1
    await routing.call("POST", path, routing.agency(), 422, json={**body, "text": "Нет"}, more=more)
    await routing.call("POST", path, routing.agency(), 428, json=body)


async def test_attachments_do_not_vanish(routing: Routing) -> None:
    item = await _one(routing)
    words: dict[str, dict[str, Any]] = {
        "interim": {"text": "Закажем материал"},
        "answer": {"text": "Готово", "outcome": "solved"},
    }
    for verb, body in words.items():
        refused = await routing.act(item, verb, status=422, attachments=[str(ROADS)], **body)
        assert refused["type"] == "/problems/attachment-unknown"
        assert refused["errors"][0]["pointer"] == "/attachments/0"
    assert (await routing.call("GET", f"/assignments/{item['id']}", routing.agency()))["answers"] == []
    item |= await routing.act(item, "interim", attachments=[], **words["interim"])
    item |= await routing.act(item, "answer", attachments=None, **words["answer"])
    assert item["status"] == "answered"
