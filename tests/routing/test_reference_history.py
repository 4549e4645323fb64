"""Every change of reference data is kept with who made it; and what a region has can be sent to another installation."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import asyncpg

from tests.routing.conftest import CITY, KURSK, LIGHTS, ROADS, Routing
from tests.routing.test_past_cases import past_case
from tests.routing.test_service_areas import AREAS, COMPANIES


async def changes(routing: Routing, **params: Any) -> list[dict[str, Any]]:
    """The region's history, newest first."""
    page = await routing.call(
        "GET", "/reference/46/changes", routing.mint.headers("coordinator"), params=params
    )
    items: list[dict[str, Any]] = page["items"]
    return items


async def test_a_changed_rule_is_kept_with_who_changed_it(routing: Routing) -> None:
    person = uuid4()
    admin = routing.mint.headers("admin", ["*"], person=str(person), client_id="client-admin")
    rule = (await routing.call("GET", "/rules", admin, params={"topic": "holes"}))["items"][0]
    changed = {**rule, "position": 3, "organisation": str(LIGHTS)}
    await routing.call("PUT", f"/rules/{rule['id']}", admin, json=changed, more={"If-Match": 1})
    last, first = await changes(routing, what="rule", id=rule["id"])
    assert (last["client_id"], last["person"]) == ("client-admin", str(person))
    assert (last["before"]["position"], last["after"]["position"]) == (None, 3)
    assert (last["before"]["organisation_id"], last["after"]["organisation_id"]) == (str(ROADS), str(LIGHTS))
    assert (first["before"], first["after"]) == (None, last["before"])
    assert last["before"].keys().isdisjoint({"version", "region"})


async def test_everything_that_changes_is_kept_and_nothing_else(routing: Routing) -> None:
    admin = routing.mint.headers("admin", ["*"])
    kept = await changes(routing, limit=1000)
    assert {each["what"] for each in kept} == {"group", "topic", "organisation", "municipality", "rule"}
    await routing.load()
    assert await changes(routing, limit=1000) == kept, "the same again is no change"
    await routing.load(groups=[{"code": "streets", "name": "Дворы"}], topics=[], organisations=[], rules=[])
    assert [each["what"] for each in await changes(routing, limit=1)] == ["group"], (
        "topics keep what they are"
    )
    area = {
        "region": "46", "service": "heat", "municipality": KURSK, "street": "Мира", "organisation": str(CITY)
    }  # fmt: skip
    made = await routing.call("POST", "/service-areas", admin, 201, json=area)
    await routing.client.delete(f"/api/v1/service-areas/{made['id']}", headers={**admin, "If-Match": "1"})
    settings = {"hop_limit": 2}
    await routing.call("PUT", "/settings/46/routing", admin, json=settings, more={"If-Match": 0})
    setting, removed, added = (await changes(routing, limit=1000))[:3]
    assert setting["after"]["settings"]["hop_limit"] == 2
    assert (removed["what"], removed["after"], removed["before"]) == ("service_area", None, added["after"])
    page, cursor = 0, ""
    read: list[dict[str, Any]] = []
    while cursor is not None:
        answer = await routing.call(
            "GET", "/reference/46/changes", admin, params={"limit": 7, "cursor": cursor}
        )
        read, cursor, page = [*read, *answer["items"]], answer["next_cursor"], page + 1
    assert read == await changes(routing, limit=1000)
    assert page > 2


async def test_who_is_refused_changes_nothing_in_the_history(routing: Routing) -> None:
    before = await changes(routing, limit=1000)
    admin = routing.mint.headers("admin", ["*"])
    twice = {"region": "46", "topic": "holes", "organisation": str(ROADS)}
    await routing.call("POST", "/rules", admin, 409, json=twice)
    assert await changes(routing, limit=1000) == before
    for headers in (routing.mint.headers("portal"), routing.agency()):
        await routing.call("GET", "/reference/46/changes", headers, 403)
    await routing.call("GET", "/reference/59/changes", routing.mint.headers("coordinator"), 403)


async def test_what_the_service_adds_by_itself_has_no_client(routing: Routing) -> None:
    past = past_case(topic="Старая тема")
    await routing.handle(past)
    added = await changes(routing, what="topic", limit=1)
    assert (added[0]["client_id"], added[0]["after"]["name"]) == (None, "Старая тема")


async def test_an_export_makes_the_same_elsewhere(routing: Routing, look: asyncpg.Connection) -> None:
    admin = routing.mint.headers("admin", ["*"])
    winter = {"topic": "holes", "organisation": "lights", "season_from": "11-01", "season_to": "03-31"}
    served = {
        "group": "streets",
        "organisation": "city",
        "service": "management",
        "position": 2,
        "active": False,
    }
    retired = {"code": "old", "name": "Старый орган", "kind": "municipal", "active": False}
    await routing.load(rules=[winter, served], organisations=[retired, *COMPANIES], service_areas=AREAS)
    exported = await routing.call("GET", "/reference/46", admin)
    again = await routing.call("PUT", "/reference/46", admin, json=exported)
    assert not any(again["changed"].values())
    for table in ("rule", "service_area", "organisation", "topic", "topic_group", "municipality"):
        await look.execute(f"DELETE FROM routing.{table}")
    await routing.call("PUT", "/reference/46", admin, json=exported)
    assert await routing.call("GET", "/reference/46", admin) == exported
    assert len(exported["rules"]) == 6
    assert len(exported["service_areas"]) == 2
    await routing.call("GET", "/reference/46", routing.mint.headers("coordinator"), 403)
