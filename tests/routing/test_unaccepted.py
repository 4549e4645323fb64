"""What nobody accepts comes to light: to the organisation itself, and to the coordinator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from contracts.intake import AppealReopened
from tests.routing.conftest import LIGHTS, ROADS, Routing, Said, appeal, told

NOT_LONG_AGO, LONG_AGO = timedelta(hours=23), timedelta(hours=25)


async def offered(look: asyncpg.Connection, item: dict[str, Any], ago: timedelta) -> None:
    """As if it had come to its organisation so long ago."""
    await look.execute(
        "UPDATE routing.assignment SET offered_at = $2 WHERE id = $1", item["id"], datetime.now(UTC) - ago
    )


async def unaccepted(routing: Routing, **params: Any) -> list[str]:
    """Ids in the coordinator's list, read in pages of one."""
    found: list[str] = []
    cursor: Any = ""
    while cursor is not None:
        page = await routing.call(
            "GET",
            "/unaccepted",
            routing.mint.headers("coordinator"),
            params={"limit": 1, "cursor": cursor, **params},
        )
        found += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    return found


async def test_un_accepted_ones_surface_after_the_regions_limit(
    routing: Routing, look: asyncpg.Connection
) -> None:
    await routing.handle(*(appeal() for _ in range(4)), appeal(topic="lamps"))
    fresh, late, later, taken = await routing.queue()
    (lamp,) = await routing.queue(LIGHTS)
    await offered(look, fresh, NOT_LONG_AGO)
    await offered(look, late, LONG_AGO)
    for item in (later, taken, lamp):
        await offered(look, item, 2 * LONG_AGO)
    await routing.act(taken, "accept")
    assert await unaccepted(routing) == [later["id"], lamp["id"], late["id"]]
    own = await routing.queue(unaccepted=True)
    assert [item["id"] for item in own] == [later["id"], late["id"]]
    assert [item["id"] for item in await routing.queue(unaccepted=True, topic="lamps")] == []
    flags = {item["id"]: item["unaccepted_since"] for item in await routing.queue()}
    assert flags[fresh["id"]] is None
    assert flags[taken["id"]] is None
    assert datetime.fromisoformat(flags[late["id"]]) < datetime.now(UTC) - timedelta(hours=24)
    admin = routing.mint.headers("admin", ["*"])
    body = {"accept_within_minutes": 60}
    await routing.call("PUT", "/settings/46/routing", admin, json=body, more={"If-Match": 0})
    assert (await unaccepted(routing))[-1] == fresh["id"]
    await routing.call(
        "PUT", "/settings/46/routing", admin, 422, json={"accept_within_minutes": 0}, more={"If-Match": 1}
    )
    coordinator = routing.mint.headers("coordinator")
    await routing.call("GET", "/unaccepted", coordinator, 403, params={"region": "59"})
    await routing.call("GET", "/unaccepted", routing.agency(), 403)
    elsewhere = routing.mint.headers("coordinator", ["59"])
    assert (await routing.call("GET", "/unaccepted", elsewhere))["items"] == []
    of_the_district = routing.mint.headers("coordinator", municipalities=["38602000"])
    assert (await routing.call("GET", "/unaccepted", of_the_district))["items"] == []


async def test_waiting_begins_anew_with_each_organisation_and_each_reopening(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """Time in triage is not the organisation's, nor is the time before an answer that did not help."""
    routing.classifier.told["Яма"] = Said("Ямы на дорогах", 0.1)
    await routing.handle(appeal())
    (item,) = await routing.triage()
    assert await look.fetchval("SELECT offered_at FROM routing.assignment") is None
    coordinator = routing.mint.headers("coordinator")
    item = await routing.act(item, "correct", headers=coordinator, organisation=str(ROADS))
    await offered(look, item, LONG_AGO)
    assert await unaccepted(routing) == [item["id"]]
    item = await routing.act(item, "correct", headers=coordinator, topic="clinics")
    assert await unaccepted(routing) == [item["id"]], "another topic alone changes nothing of it"
    item = await routing.act(item, "correct", headers=coordinator, organisation=str(LIGHTS))
    assert await unaccepted(routing) == []
    await offered(look, item, LONG_AGO)
    await routing.act(item, "answer", LIGHTS, text="Да", outcome="solved")
    assert await unaccepted(routing) == []
    (answered,) = await told(look, "assignment.answered")
    reopened = AppealReopened(
        region="46",
        appeal_id=UUID(item["appeal_id"]),
        assignment_id=UUID(item["id"]),
        answer_id=UUID(answered["answer_id"]),
        reason="Не решено",
        reopened_at=datetime.now(UTC),
    )
    await routing.handle(reopened)
    assert await unaccepted(routing) == []
    await offered(look, item, LONG_AGO)
    assert await unaccepted(routing) == [item["id"]]
