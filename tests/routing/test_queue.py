"""The queue: order, pages, leases, and its delta feed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from chassis.db import open_rows_of
from contracts.sla import ClockReading, DeadlineSet
from services.routing.assignments.actions.leases import claim_assignments
from services.routing.assignments.schemas.acts import Claim
from tests.conftest import size
from tests.routing.conftest import LIGHTS, NOW, ROADS, Routing, agency_of, appeal


def deadline(assignment_id: str, hours: int, sequence: int = 1, **changes: Any) -> DeadlineSet:
    """The deadline service says when an answer is due."""
    due = NOW + timedelta(hours=hours)
    clock = ClockReading(clock="answer", state="running", due_at=due, due_on=due.date(), reason="8 часов")
    react = ClockReading(clock="react", state="running", due_at=NOW)
    return DeadlineSet(
        **{
            "region": "46",
            "deadline_id": assignment_id,
            "appeal_id": UUID(int=1),
            "assignment_id": assignment_id,
            "clocks": (react, clock),
            "sequence": sequence,
            **changes,
        }
    )


async def test_the_queue_is_ordered_by_urgency_page_by_page(routing: Routing) -> None:
    await routing.handle(*(appeal(received_at=NOW + timedelta(minutes=n)) for n in range(7)))
    received = [item["id"] for item in await routing.queue()]
    await routing.handle(deadline(received[6], 2), deadline(received[5], 1), deadline(received[4], 1))
    expected = [received[4], received[5], received[6], *received[:4]]
    assert [item["id"] for item in await routing.queue()] == expected
    for limit in (1, 2, 3, 4):
        found: list[str] = []
        cursor = ""
        while cursor is not None:
            page = await routing.call(
                "GET", "/queue", routing.agency(), params={"limit": limit, "cursor": cursor}
            )
            found += [item["id"] for item in page["items"]]
            cursor = page["next_cursor"]
        assert found == expected
    first = (await routing.queue())[0]
    assert (first["due_reason"], first["due_on"], first["version"]) == ("8 часов", "2026-11-21", 1)
    before = (NOW + timedelta(hours=2)).isoformat()
    assert [item["id"] for item in await routing.queue(due_before=before)] == expected[:2]
    assert [item["id"] for item in await routing.queue(status="new", topic="holes")] == expected
    assert await routing.queue(status="accepted") == await routing.queue(topic="lamps") == []
    await routing.call("GET", "/queue", routing.agency(), 400, params={"cursor": "abc"})


async def test_an_older_deadline_never_wins_and_unknown_ones_do_no_harm(routing: Routing) -> None:
    await routing.handle(appeal())
    (item,) = await routing.queue()
    await routing.handle(deadline(item["id"], 9, sequence=3), deadline(item["id"], 5, sequence=2))
    await routing.handle(deadline(item["id"], 4, sequence=1), deadline(str(UUID(int=7)), 4))
    await routing.handle(deadline(item["id"], 4, sequence=9).model_copy(update={"assignment_id": None}))
    (item,) = await routing.queue()
    assert item["due_at"] == "2026-11-21T18:00:00Z"


async def test_leases(routing: Routing, look: asyncpg.Connection) -> None:
    """Claimed once, given back, lost when it runs out; never part of the version."""
    await routing.handle(*(appeal(received_at=NOW + timedelta(minutes=n)) for n in range(3)))
    first, second = await routing.claim(limit=2, lease_seconds=60)
    assert (await routing.claim(limit=5))[0]["id"] not in (first["id"], second["id"])
    assert await routing.claim() == []
    assert first["lease_token"] != second["lease_token"]
    stored = await look.fetchval("SELECT lease_token FROM routing.assignment WHERE id = $1", first["id"])
    assert first["lease_token"].encode() not in stored

    await routing.act({**first, "lease_token": "wrong"}, "accept", status=409)
    await routing.act({**first, "lease_token": None}, "accept", status=409)
    longer = await routing.act(first, "extend-lease", lease_seconds=3600)
    assert longer["lease_expires_at"] > first["lease_expires_at"]
    assert longer["version"] == first["version"]
    released = await routing.act(first, "release")
    assert (released["lease_expires_at"], released["version"]) == (None, first["version"])
    await routing.act(first, "extend-lease", status=409)
    assert [item["id"] for item in await routing.claim()] == [first["id"]]

    await look.execute(
        "UPDATE routing.assignment SET lease_expires_at = now() - interval '1 second' WHERE id = $1",
        second["id"],
    )
    refused = await routing.act(second, "accept", status=409)
    assert refused["type"].endswith("lease-lost")
    (again,) = await routing.claim()
    assert again["id"] == second["id"]
    accepted = await routing.act(again, "accept")
    assert (accepted["status"], accepted["version"]) == ("accepted", 2)
    await routing.act(again, "accept", status=412)
    refused = await routing.act({**again, "version": 2}, "accept", status=409)
    assert refused["type"].endswith("not-allowed-now")
    await routing.handle(appeal())
    key, path = {"Idempotency-Key": "claim-1"}, "/queue/claim"
    once = await routing.call("POST", path, routing.agency(), json={"limit": 1}, more=key)
    assert len(once["items"]) == 1
    assert await routing.call("POST", path, routing.agency(), json={"limit": 1}, more=key) == once
    assert await routing.call("POST", path, routing.agency()) == {"items": []}, "a body is not needed"


async def test_eight_claimers_never_share_an_assignment(routing: Routing) -> None:
    total = size(1000, 10_000)
    for start in range(0, total, 500):
        await routing.handle(*(appeal() for _ in range(start, min(start + 500, total))))
    agency = agency_of(ROADS)

    async def claim_all() -> list[UUID]:
        mine: list[UUID] = []
        while True:
            async with routing.app.state.resources.sessions.begin() as session:
                await open_rows_of(session, agency)
                claimed = await claim_assignments(session, agency, Claim(limit=25))
            if not claimed.items:
                return mine
            mine += [item.id for item in claimed.items]

    loop = asyncio.get_running_loop()
    began = loop.time()
    shares = await asyncio.gather(*(claim_all() for _ in range(8)))
    print(f"claimed {total / (loop.time() - began):.0f}/s")
    claimed = [assignment for share in shares for assignment in share]
    assert len(claimed) == len(set(claimed)) == total


async def test_following_the_feed_reproduces_the_queue(routing: Routing) -> None:
    await routing.handle(*(appeal(received_at=NOW + timedelta(minutes=n)) for n in range(5)))
    one, two, three, four, five = await routing.claim()
    await routing.act(one, "answer", text="Готово", outcome="solved")
    await routing.act(
        two, "redirect", reason_code="not_competent", comment="не наше", suggested_organisation=str(LIGHTS)
    )
    await routing.act(three, "clarify", question="Где именно?")
    await routing.act(four, "release")
    coordinator = routing.mint.headers("coordinator")
    await routing.act(four, "correct", headers=coordinator, topic="lamps")
    await routing.act(five, "answer", text="Весной", outcome="postponed", promised_on="2099-01-01")
    for organisation in (ROADS, LIGHTS):
        standing: set[str] = set()
        for assignment, change in await routing.feed(organisation):
            if change == "entered":
                assert assignment not in standing
                standing.add(assignment)
            elif change == "left":
                standing.remove(assignment)
            else:
                assert assignment in standing
        assert standing == {item["id"] for item in await routing.queue(organisation)}
    assert len(await routing.queue()) == 2
    assert await routing.queue(status="redirected") == [], "another's from now on"
    assert {change for _, change in await routing.feed()} == {"entered", "changed", "left"}
