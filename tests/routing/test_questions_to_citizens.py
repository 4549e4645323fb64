"""What citizens answer to questions: nothing of it is lost, however it comes, and whoever has the question then reads it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import asyncpg
import pytest

from contracts.intake import AppealClarified, AppealModerated
from harness.resources import worker_session
from services.routing.assignments.actions.clarifications import end_unanswered
from tests.routing.conftest import LIGHTS, ROADS, Routing, appeal, told

BATCHES = [[[0, 1]], [[1, 0]], [[0], [1]], [[1], [0]]]


async def _asked(routing: Routing, look: asyncpg.Connection) -> tuple[dict[str, Any], datetime]:
    await routing.handle(appeal())
    (item,) = await routing.claim()
    item |= await routing.act(item, "clarify", question="Какой дом?")
    return item, await look.fetchval("SELECT asked_at FROM routing.assignment")


def _reply(item: dict[str, Any], text: str, at: datetime) -> AppealClarified:
    return AppealClarified(region="46", appeal_id=UUID(item["appeal_id"]), text=text, clarified_at=at)


async def _details(routing: Routing, item: dict[str, Any], by: UUID = ROADS) -> dict[str, Any]:
    found: dict[str, Any] = await routing.call("GET", f"/assignments/{item['id']}", routing.agency(by))
    return found


@pytest.mark.parametrize("batches", BATCHES)
async def test_every_reply_is_read_in_its_order_however_they_came(
    routing: Routing, look: asyncpg.Connection, batches: list[list[int]]
) -> None:
    item, at = await _asked(routing, look)
    replies = [
        _reply(item, text, at + timedelta(minutes=minutes))
        for minutes, text in ((1, "Дом 5"), (2, "Нет, дом 7"))
    ]
    for batch in batches:
        await routing.handle(*(replies[number] for number in batch))
    details = await _details(routing, item)
    (asked,) = details["clarifications"]
    assert (details["status"], asked["text"]) == ("accepted", "Дом 5\n\nНет, дом 7")
    assert datetime.fromisoformat(asked["at"]) == at + timedelta(minutes=2)
    assert len(await told(look, "clarification.received")) == 1
    changes = [change for _, change in await routing.feed()]
    assert changes == ["entered", "changed"] + ["changed"] * len(batches)


async def test_a_reply_belongs_to_the_last_question_asked_before_it(
    routing: Routing, look: asyncpg.Connection
) -> None:
    item, at = await _asked(routing, look)
    await routing.handle(_reply(item, "Дом 5", at + timedelta(microseconds=1)))
    item["version"] += 1
    await routing.act({**item, "lease_token": None}, "clarify", question="Какой подъезд?")
    again = await look.fetchval("SELECT asked_at FROM routing.assignment")
    await routing.handle(
        _reply(item, "Третий", again), _reply(item, "Во дворе", at + timedelta(microseconds=2))
    )
    texts = [each["text"] for each in (await _details(routing, item))["clarifications"]]
    assert texts == ["Дом 5\n\nВо дворе", "Третий"]


async def test_whom_it_is_redirected_to_has_question_reply_and_documents(
    routing: Routing, look: asyncpg.Connection
) -> None:
    item, at = await _asked(routing, look)
    item["lease_token"] = None
    await routing.act(item, "request-documents", addressee="Росреестр", what="Выписка")
    await routing.act(item, "redirect", reason_code="other", suggested_organisation=str(LIGHTS))
    (successor,) = await routing.queue(LIGHTS)
    await routing.handle(_reply(item, "Дом 5", at + timedelta(minutes=1)))
    details = await _details(routing, successor, LIGHTS)
    assert [(each["question"], each["text"]) for each in details["clarifications"]] == [
        ("Какой дом?", "Дом 5")
    ]
    assert [change for _, change in await routing.feed(LIGHTS)] == ["entered", "changed"]
    (request,) = details["document_requests"]
    await routing.act(successor, "receive-documents", LIGHTS, request_id=request["id"])


async def test_what_was_asked_before_a_triage_is_read_by_whoever_has_it_after(
    routing: Routing, look: asyncpg.Connection
) -> None:
    item, at = await _asked(routing, look)
    await routing.act({**item, "lease_token": None}, "redirect", reason_code="other")
    await routing.handle(_reply(item, "Дом 5", at + timedelta(minutes=1)))
    (waiting,) = await routing.triage()
    await routing.act(
        waiting, "correct", headers=routing.mint.headers("coordinator"), organisation=str(LIGHTS)
    )
    (asked,) = (await _details(routing, waiting, LIGHTS))["clarifications"]
    assert (asked["question"], asked["text"]) == ("Какой дом?", "Дом 5")


async def test_a_rejection_that_is_taken_back_loses_no_words(
    routing: Routing, look: asyncpg.Connection
) -> None:
    item, at = await _asked(routing, look)
    decisions: tuple[Literal["reject", "accept"], ...] = ("reject", "accept")
    for hours, decision in enumerate(decisions, 1):
        moderated = AppealModerated(
            region="46",
            appeal_id=UUID(item["appeal_id"]),
            decision=decision,
            reason="по правилам",
            moderated_at=at + timedelta(hours=hours),
        )
        await routing.handle(moderated)
    await routing.handle(_reply(item, "Дом 5", at + timedelta(hours=3)))
    (waiting,) = await routing.triage()
    coordinator = routing.mint.headers("coordinator")
    details = await routing.call("GET", f"/assignments/{waiting['id']}", coordinator)
    assert [each["text"] for each in details["clarifications"]] == ["Дом 5"]


async def test_an_organisation_goes_on_without_a_reply(routing: Routing, look: asyncpg.Connection) -> None:
    """It answers then as ever, and a late reply is read all the same."""
    item, at = await _asked(routing, look)
    item["lease_token"] = None
    await routing.act(item, "answer", status=409, text="Сделано.", outcome="solved")
    item |= await routing.act(item, "resume")
    assert item["status"] == "accepted"
    (ended,) = await told(look, "clarification.ended")
    assert (ended["assignment_id"], ended["organisation"]["id"]) == (item["id"], str(ROADS))
    await routing.handle(_reply(item, "Дом 5", at + timedelta(days=3)))
    details = await _details(routing, item)
    assert (details["status"], [each["text"] for each in details["clarifications"]]) == (
        "accepted",
        ["Дом 5"],
    )
    assert await told(look, "clarification.received") == []
    await routing.act(item, "resume", status=409)
    assert (await routing.act(item, "answer", text="Сделано.", outcome="solved"))["status"] == "answered"


async def test_a_coordinator_says_so_too_and_nobody_else(routing: Routing, look: asyncpg.Connection) -> None:
    item, _ = await _asked(routing, look)
    coordinator = routing.mint.headers("coordinator")
    await routing.act({**item, "lease_token": None}, "resume", LIGHTS, status=404)
    await routing.act(item, "resume", headers=routing.mint.headers("analyst"), status=403)
    far = routing.mint.headers("coordinator", ["59"])
    await routing.act(item, "resume", headers=far, status=404)
    assert (await routing.act(item, "resume", headers=coordinator))["status"] == "accepted"
    await routing.act(
        {**item, "version": item["version"] + 1}, "correct", headers=coordinator, organisation=str(LIGHTS)
    )


async def test_after_the_days_of_its_region_a_question_holds_up_nothing(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """Ten days where the region says nothing; what is answered, or asked again, is left alone."""

    async def look_for_unanswered() -> int:
        async with worker_session(routing.app) as session:
            return await end_unanswered(session, 100)

    item, _ = await _asked(routing, look)
    path, admin = "/settings/46/routing", routing.mint.headers("admin", ["46"])
    assert await look_for_unanswered() == 0
    await look.execute("UPDATE routing.assignment SET asked_at = now() - interval '9 days'")
    assert await look_for_unanswered() == 0
    await routing.call("PUT", path, admin, json={"clarification_days": 9}, more={"If-Match": "0"})
    assert await look_for_unanswered() == 1
    assert await look_for_unanswered() == 0
    assert (await _details(routing, item))["status"] == "accepted"
    assert len(await told(look, "clarification.ended")) == 1
    await routing.call("PUT", path, admin, 422, json={"clarification_days": 0}, more={"If-Match": "1"})
