"""Incidents as the rules find them, and people who act on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from uuid_utils.compat import uuid7

from chassis.db import open_work
from services.routing.incidents.actions.replying import reply_some
from tests.routing.conftest import KURSK, LIGHTS, ROADS, Routing, appeal

TOPICS = {ROADS: "holes", LIGHTS: "lamps", None: "unknown"}
_JOIN = """
UPDATE routing.incident_report SET matched = true, incident_id = $3, joined_by = 'rule', similarity = 0.9
WHERE region = '46' AND assignment_id = $1 AND appeal_id = $2 AND incident_id IS NULL
"""
_REPORT = """
INSERT INTO routing.incident_report (region, assignment_id, appeal_id, received_at, matched, incident_id, joined_by, similarity)
SELECT region, id, appeal_id, received_at, true, $3, 'rule', 0.9 FROM routing.assignment WHERE id = $1 AND appeal_id = $2
"""
_INCIDENT = """
INSERT INTO routing.incident (region, id, status, topic, title, started_at, last_at, municipality, street, lat, lon, radius_m,
    appeals)
VALUES ('46', $1, 'proposed', 'holes', $2, now(), now(), $3, 'улица Ленина', 51.73, 36.19, 300, 0)
"""
_COUNT = """
UPDATE routing.incident i SET (appeals, started_at, last_at) =
    (SELECT count(*), min(received_at), max(received_at) FROM routing.incident_report WHERE incident_id = i.id)
WHERE id = $1
"""


@dataclass
class Event:
    """An event that appeals tell of; `id` of its incident, `assignments` and `appeals` in the order they came."""

    routing: Routing
    look: asyncpg.Connection
    id: UUID
    assignments: list[UUID]
    appeals: list[UUID]

    async def act(
        self,
        verb: str,
        status: int = 200,
        headers: dict[str, str] | None = None,
        version: int | None = None,
        more: dict[str, object] | None = None,
        **body: Any,
    ) -> Any:
        """An act on it in the version it has."""
        seen = version if version is not None else (await self.row())["version"]
        return await self.routing.call(
            "POST",
            f"/incidents/{self.id}/{verb}",
            headers or self.routing.mint.headers("coordinator"),
            status,
            json=body,
            more={"If-Match": seen, **(more or {})},
        )

    async def answer(self, by: UUID = ROADS, status: int = 202, **body: Any) -> Any:
        """The lead answers it as a whole."""
        given = {"text": "Яма на улице Ленина заделана 20 ноября, акт № 14.", "outcome": "solved", **body}
        return await self.act("answer", status, self.routing.agency(by), **given)

    async def row(self) -> asyncpg.Record:
        """As it is stored."""
        return await self.look.fetchrow("SELECT * FROM routing.incident WHERE id = $1", self.id)

    async def members(self) -> list[asyncpg.Record]:
        """Its appeals with their assignments."""
        found: list[asyncpg.Record] = await self.look.fetch(
            "SELECT a.id, a.appeal_id, a.organisation_id, a.status, a.version, r.joined_by, r.kept_out, r.similarity "
            "FROM routing.incident_report r JOIN routing.assignment a ON a.id = r.assignment_id "
            "WHERE r.incident_id = $1 ORDER BY a.received_at, a.id",
            self.id,
        )
        return found

    async def holders(self) -> list[UUID | None]:
        """Who has its assignments, in the order they came."""
        return [each["organisation_id"] for each in await self.members()]

    async def join(self, assignments: Sequence[UUID], appeals: Sequence[UUID]) -> None:
        """The rules add appeals to it."""
        for assignment, appeal_id in zip(assignments, appeals, strict=True):
            done = await self.look.execute(_JOIN, assignment, appeal_id, self.id)
            if done == "UPDATE 0":
                await self.look.execute(_REPORT, assignment, appeal_id, self.id)
        await self.look.execute(_COUNT, self.id)


async def arrived(
    routing: Routing, look: asyncpg.Connection, holders: Sequence[UUID | None], **fields: Any
) -> tuple[list[UUID], list[UUID]]:
    """New appeals, given to these organisations or to triage: their assignments and themselves."""
    events = [appeal(topic=TOPICS[holder], **fields) for holder in holders]
    await routing.handle(*events)
    rows = await look.fetch(
        "SELECT id, appeal_id FROM routing.assignment WHERE role = 'lead' AND appeal_id = ANY($1)",
        [each.appeal_id for each in events],
    )
    by_appeal = {row["appeal_id"]: row["id"] for row in rows}
    appeals = [each.appeal_id for each in events]
    return [by_appeal[each] for each in appeals], appeals


async def happened(
    routing: Routing,
    look: asyncpg.Connection,
    holders: Sequence[UUID | None] = (ROADS, ROADS, LIGHTS),
    title: str = "Ямы на дорогах, улица Ленина",
    municipality: str | None = KURSK,
    **fields: Any,
) -> Event:
    """Something happened, citizens wrote of it, the rules found that it is one."""
    assignments, appeals = await arrived(routing, look, holders, **fields)
    event = Event(routing, look, uuid7(), assignments, appeals)
    await look.execute(_INCIDENT, event.id, title, municipality)
    await event.join(assignments, appeals)
    return event


async def answer_all(routing: Routing) -> int:
    """The worker's steps until nothing is left; how many there were."""
    steps = 0
    while True:
        async with routing.app.state.resources.sessions.begin() as session:
            await open_work(session)
            if not await reply_some(session):
                return steps
        steps += 1
