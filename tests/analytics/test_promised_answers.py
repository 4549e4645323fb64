"""An answer that promises a day, the one that fulfils it, and a citizen whom that does not satisfy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from uuid_utils.compat import uuid7

from chassis.migrations import upgrade
from contracts.event import Event
from contracts.intake import AppealRated, AppealRegistered, AppealReopened
from contracts.routing import (
    AssignmentAnswered,
    AssignmentCancelled,
    AssignmentCreated,
    AssignmentReopened,
)
from harness.databases import Database
from harness.migrating import downgrade
from harness.tokens import TokenMint
from tests.analytics.conftest import Ask, Project, clear, dump
from tests.analytics.histories import BODIES, TOPICS

RECEIVED = datetime(2026, 10, 5, 9, tzinfo=UTC)
PROMISED = date(2026, 10, 20)
EVE = PROMISED - timedelta(days=1)
DAY = timedelta(days=1)


class Promise:
    """An appeal of region 46 with one body."""

    def __init__(self) -> None:
        self.about: dict[str, Any] = {"region": "46", "appeal_id": uuid7(), "assignment_id": uuid7()}
        self.version = 0

    def given(self) -> list[Event]:
        common = {
            "number": "n",
            "regime": "message",
            "channel": "portal",
            "municipality": "38701000",
            "received_at": RECEIVED,
        }
        return [
            AppealRegistered(**self.about, **common, client_id="p", text=""),
            AssignmentCreated(**self.named(), **common, role="lead", topic=TOPICS[0], created_at=RECEIVED),
        ]

    def answered(self, days: int, outcome: str, cycle: int = 1) -> tuple[UUID, Event]:
        id = uuid7()
        return id, AssignmentAnswered(
            **self.named(),
            answer_id=id,
            outcome=outcome,
            promised_on=PROMISED if outcome == "postponed" else None,
            text="",
            cycle=cycle,
            answered_at=RECEIVED + days * DAY,
        )

    def reopened(self, answer: UUID, days: int) -> list[Event]:
        at = RECEIVED + days * DAY
        rated = {"answer_id": answer, "score": 1, "solved": False, "rated_at": at}
        return [
            AppealRated(**self.about, **rated),
            AppealReopened(**self.about, answer_id=answer, reason="", reopened_at=at),
            AssignmentReopened(**self.named(), answer_id=answer, cycle=2, reopened_at=at),
        ]

    def named(self) -> dict[str, Any]:
        self.version += 1
        return {**self.about, "organisation": BODIES[0], "sequence": self.version}


async def test_whom_a_fulfilled_promise_does_not_satisfy_waits_again(ask: Ask, projected: Project) -> None:
    """A promise and what fulfils it are answers to one question: reopened, it is in the backlog, of the region and of its body,
    until it is answered once more."""
    promise = Promise()
    _, postponed = promise.answered(3, "postponed")
    fulfilling, solved = promise.answered(10, "solved")
    again = promise.reopened(fulfilling, 12)
    _, last = promise.answered(15, "explained", cycle=2)

    async def waiting() -> list[object]:
        found = [
            (await ask("summary", region="46", organisation=body))["backlog"] for body in (None, BODIES[0].id)
        ]
        (item,) = (await ask("appeals", region="46", organisation=BODIES[0].id))["items"]
        return [*found, item["status"]]

    await projected([*promise.given(), postponed])
    assert await waiting() == [0, 0, "answered"]
    await projected([solved])
    assert await waiting() == [0, 0, "answered"]
    await projected(again)
    assert await waiting() == [1, 1, "reopened"]
    await projected([last])
    assert await waiting() == [0, 0, "answered"]


async def test_in_whatever_order_it_is_heard_of(projected: Project, look: asyncpg.Connection) -> None:
    """The promise, its fulfilment, the reopening and the last answer, each way round: the same facts."""
    promise = Promise()
    _, postponed = promise.answered(3, "postponed")
    fulfilling, solved = promise.answered(10, "solved")
    again = promise.reopened(fulfilling, 12)
    begun: list[list[Event]] = [promise.given(), [postponed], [solved], again]
    await _project(projected, begun)
    expected = await dump(look)
    for order in permutations(begun):
        await clear(look)
        await _project(projected, order)
        assert await dump(look) == expected


async def _project(projected: Project, parts: Sequence[Sequence[Event]]) -> None:
    for part in parts:
        await projected(part)


@pytest.mark.parametrize("end", ["none", "fulfilled", "withdrawn"])
async def test_a_promise_falls_due_while_it_stands(
    app_client: Any, mint: TokenMint, projected: Project, end: str
) -> None:
    """For the region, its municipality and the body that gave it; what is fulfilled before the day, or withdrawn, is no
    promise any more."""
    promise = Promise()
    ends: dict[str, list[Event]] = {
        "none": [],
        "fulfilled": [promise.answered(10, "solved")[1]],
        "withdrawn": [
            AssignmentCancelled(**promise.about, sequence=9, reason="", cancelled_at=RECEIVED + 9 * DAY)
        ],
    }
    await projected([*promise.given(), promise.answered(3, "postponed")[1], *ends[end]])
    client, _ = await app_client("analytics")
    for role, scope in (
        ("coordinator", {}),
        ("coordinator", {"municipalities": ["38701000"]}),
        ("agency", {"organisation": BODIES[0].id}),
    ):
        headers = mint.headers(role, **scope)
        answer = await client.get(f"/api/v1/analytics/digest?region=46&date={EVE}", headers=headers)
        assert answer.json()["promises_due"] == (1 if end == "none" else 0), (role, scope)
    for role, scope in (
        ("coordinator", {"municipalities": ["38602000"]}),
        ("agency", {"organisation": BODIES[1].id}),
    ):
        headers = mint.headers(role, **scope)
        answer = await client.get(f"/api/v1/analytics/digest?region=46&date={EVE}", headers=headers)
        assert answer.json()["promises_due"] == 0, (role, scope)


async def test_facts_of_before_know_it_as_well(
    database: Database, projected: Project, look: asyncpg.Connection
) -> None:
    """What stands, what was fulfilled and reopened, and what was answered once more, counted by a version that knew neither."""
    for number in range(3):
        promise = Promise()
        fulfilling, solved = promise.answered(10, "solved")
        again, last = promise.reopened(fulfilling, 12), promise.answered(15, "explained", cycle=2)[1]
        further = ([], [solved, *again], [solved, *again, last])[number]
        await projected([*promise.given(), promise.answered(3, "postponed")[1], *further])
    expected = await dump(look)
    await downgrade("analytics", database.url("analytics_owner"), "0018")
    await look.execute("UPDATE analytics.fact_appeal SET open_leads = 0")
    await upgrade("analytics", database.url("analytics_owner"))
    assert await dump(look) == expected
    stood = "SELECT promised_on FROM analytics.fact_assignment WHERE answers = 1"
    assert await look.fetchval(stood) == PROMISED
    assert await look.fetchval("SELECT sum(open_leads) FROM analytics.fact_appeal") == 1
