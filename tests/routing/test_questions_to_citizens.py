"""What citizens answer to questions: nothing of it is lost, however it comes, and whoever has the question then reads it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import asyncpg
import pytest

from contracts.intake import AppealClarified, AppealModerated
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
