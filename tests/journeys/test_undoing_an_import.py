"""An import is taken back: four services on one database, their events carried by hand, in any order and more than once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest
from uuid_utils.compat import uuid7

from chassis.outbox import read_payload
from contracts import intake, routing, sla
from services.analytics.handlers import handlers as analytics_handlers
from services.intake.handlers import handlers as intake_handlers
from services.routing.actions import undoing
from services.routing.handlers import handlers as routing_handlers
from services.sla.actions.timers import fire_due_timers
from services.sla.handlers import handlers as sla_handlers
from tests.conftest import Database, TokenMint, worker_session
from tests.intake.conftest import appeal_body, mask_all
from tests.routing.conftest import REFERENCE, ROADS, StubClassifier

CLASSES = {event.SUBJECT: event for event in (*intake.EVENTS, *routing.EVENTS, *sla.EVENTS)}
HANDLERS = {
    "intake": intake_handlers,
    "routing": routing_handlers,
    "sla": sla_handlers,
    "analytics": analytics_handlers,
}
OPEN = {"received_at": "2020-03-02T10:00:00+03:00", "due_at": "2020-04-01T23:59:59+03:00"}
CLOSED = {**OPEN, "closed_at": "2020-03-20T10:00:00+03:00", "outcome": "refused", "answer": "Отказано"}


@dataclass
class Region:
    """The services, and what was carried between them."""

    clients: dict[str, Any]
    apps: dict[str, Any]
    mint: TokenMint
    look: asyncpg.Connection
    carried: dict[str, set[UUID]] = field(default_factory=lambda: {name: set() for name in HANDLERS})

    def admin(self, *regions: str) -> dict[str, str]:
        """Headers of an administrator."""
        return self.mint.headers("admin", list(regions or ("46",)))

    async def call(
        self,
        service: str,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        status: int = 200,
        **more: Any,
    ) -> Any:
        """One request; its JSON."""
        answer = await self.clients[service].request(
            method, f"/api/v1{path}", headers=headers or self.admin(), **more
        )
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    async def take_over(
        self, import_id: UUID, *cases: dict[str, Any], name: str = "old"
    ) -> list[dict[str, Any]]:
        """Import cases of the committee of roads; the lines of the answer."""
        bodies = [
            {
                "external_id": f"{name}-{n}",
                "region": "46",
                "organisation": "Комитет дорог",
                "text": f"Яма {n}",
                **case,
            }
            for n, case in enumerate(cases)
        ]
        answer = await self.clients["intake"].post(
            f"/api/v1/imports?import_id={import_id}",
            content=b"\n".join(map(orjson.dumps, bodies)),
            headers={**self.admin(), "Content-Type": "application/x-ndjson"},
        )
        await mask_all(self.apps["intake"])
        lines = [orjson.loads(line) for line in answer.content.splitlines()]
        assert {line["status"] for line in lines} == {201}, lines
        return lines

    async def undo(self, import_id: UUID, status: int = 202) -> Any:
        """Ask for it."""
        return await self.call("intake", "POST", f"/imports/{import_id}/undo", status=status)

    async def state(self, import_id: UUID) -> dict[str, Any]:
        """What became of it."""
        return await self.call("intake", "GET", f"/imports/{import_id}")  # type: ignore[no-any-return]

    async def events(self) -> list[Any]:
        """All that were ever emitted, oldest first."""
        rows = [
            row
            for name in ("intake", "routing", "sla")
            for row in await self.look.fetch(f"SELECT id, subject, packed, payload FROM {name}.outbox")
        ]
        return [
            CLASSES[row["subject"]].from_envelope(orjson.loads(read_payload(row)))
            for row in sorted(rows, key=lambda row: row["id"])
        ]

    async def deliver(self, service: str, events: Iterable[Any]) -> None:
        """Each in a transaction of its own."""
        for event in events:
            self.carried[service].add(event.id)
            for handler in HANDLERS[service].by_subject.get(event.SUBJECT, ()):
                async with worker_session(self.apps[service]) as session:
                    await handler.function(session, [event])

    async def carry(self, *services: str) -> None:
        """Until nobody has anything new to say."""
        while True:
            events = await self.events()
            fresh = {
                name: [event for event in events if event.id not in self.carried[name]]
                for name in services or tuple(HANDLERS)
            }
            if not any(fresh.values()):
                return
            for name, its in fresh.items():
                await self.deliver(name, its)

    async def remove(self, times: int = 100) -> None:
        """What routing's task does."""
        for _ in range(times):
            async with worker_session(self.apps["routing"]) as session:
                if not await undoing.remove_some(session):
                    return

    async def settle(self) -> None:
        """Everything that is under way."""
        await self.carry()
        await self.remove()
        await self.carry()

    async def rows_left(self, ids: Iterable[str]) -> dict[str, int]:
        """Where something of these appeals is still to be found, apart from logs and tombstones."""
        tables = (
            "intake.appeal_text", "intake.original", "intake.appeal_history", "intake.appeal_holder", "routing.assignment",
            "routing.answer", "routing.routed_appeal", "sla.journal", "sla.clock", "sla.timer", "sla.firing",
            "analytics.fact_assignment", "analytics.fact_answer", "analytics.fact_breach",
        )  # fmt: skip
        wanted = [UUID(id) for id in ids]
        found = {
            table: await self.look.fetchval(f"SELECT count(*) FROM {table} WHERE appeal_id = ANY($1)", wanted)
            for table in tables
        }
        found["intake.appeal"] = await self.look.fetchval(
            "SELECT count(*) FROM intake.appeal WHERE id = ANY($1)", wanted
        )
        return {table: count for table, count in found.items() if count}

    async def received(self) -> int:
        """The public figure."""
        summary = await self.call(
            "analytics", "GET", "/analytics/summary?region=46", self.mint.headers("analyst")
        )
        return int(summary["received"])


@pytest.fixture
async def region(
    app_client: Callable[..., Any], database: Database, mint: TokenMint
) -> AsyncIterator[Region]:
    """The four services with region 46."""
    opened = {name: await app_client(name) for name in HANDLERS}
    look = await asyncpg.connect(database.dsn())
    clients = {name: client for name, (client, _) in opened.items()}
    apps = {name: app for name, (_, app) in opened.items()}
    apps["routing"].state.desk.classifier = StubClassifier()
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
    }
    headers = {**by, "If-Match": str(item["version"])}
    await region.call("routing", "POST", f"/assignments/{item['id']}/{act}", headers, json=bodies[act])
    return worked


async def test_work_on_one_case_keeps_the_whole_import(region: Region) -> None:
    acts = ("claim", "accept", "answer", "withdraw", "rate", "correct")
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
