"""A region whose four services run in this process and whose events are carried by hand: imports and their undoing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from contracts import intake, routing, sla
from harness.payloads import read_payload
from harness.resources import worker_session
from harness.tokens import TokenMint
from services.analytics.handlers import handlers as analytics_handlers
from services.intake.handlers import handlers as intake_handlers
from services.routing.handlers import handlers as routing_handlers
from services.routing.placement.actions import undoing
from services.sla.handlers import handlers as sla_handlers
from tests.intake.conftest import mask_all

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
