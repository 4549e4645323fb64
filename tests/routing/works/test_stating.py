"""Announcing, changing and ending works: who may, what is refused, what becomes of their incidents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from chassis.db import open_work
from services.routing.works.actions.gathering import close_over
from tests.routing.conftest import LIGHTS, Routing
from tests.routing.works.steps import KURSK, LGOV, WATER, announce, listed, set_up, work

FAR: dict[str, Any] = {"starts_at": "2030-01-01T00:00:00Z", "ends_at": "2030-01-02T00:00:00Z"}
SQUARE = [[36.0, 51.0], [36.1, 51.0], [36.1, 51.1], [36.0, 51.1], [36.0, 51.0]]
BOW_TIE = [[36.0, 51.0], [36.1, 51.1], [36.1, 51.0], [36.0, 51.1], [36.0, 51.0]]


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"ends_at": "2020-01-01T00:00:00Z"}, ""),
    ({"starts_at": "2030-01-01T00:00:00"}, "/starts_at"),
    ({"streets": [], "municipality": None}, ""),
    ({"streets": ["улица"]}, "/streets/0"),
    ({"topics": []}, "/topics"),
    ({"topics": ["water", "nothing"]}, "/topics/1"),
    ({"organisation": str(LIGHTS).replace("-", "")[::-1]}, "/organisation"),
    ({"organisation": None}, "/organisation"),
    ({"municipality": "99999999"}, "/municipality"),
    ({"settlement": "Нигдеево"}, "/settlement"),
    ({"settlement": "Льгов", "municipality": KURSK}, "/settlement"),
    ({"notice": " \u200b "}, "/notice"),
    ({"notice": "Ответ по теме {topic}"}, "/notice"),
    ({"kind": "party"}, "/kind"),
    ({"area": polygon(SQUARE[:-1])}, "/area"),
    ({"area": polygon(BOW_TIE)}, "/area"),
    ({"area": polygon([*SQUARE[:2], [36.1, 91.0], SQUARE[0]])}, "/area"),
    ({"area": polygon([[36.0 + n / 1e6, 51.0] for n in range(1001)])}, "/area"),
    ({"area": {"type": "Point", "coordinates": [36.0, 51.0]}}, "/area"),
    ({"area": {**polygon(SQUARE), "crs": "EPSG:3857"}}, "/area"),
    ({"surprise": 1}, "/surprise"),
]


async def test_what_is_no_work_is_refused_with_its_place(routing: Routing) -> None:
    await set_up(routing)
    for changes, pointer in REFUSED:
        problem = await announce(routing, 422, **changes)
        assert any(error["pointer"].startswith(pointer) for error in problem["errors"]), (changes, problem)
    await announce(routing, 422, topics=["water"] * 101)
    assert await listed(routing) == []


async def test_a_work_is_announced_listed_and_changed(routing: Routing, look: asyncpg.Connection) -> None:
    await set_up(routing)
    headers = {**routing.mint.headers("coordinator"), "Idempotency-Key": "one"}
    body = work(area={"type": "MultiPolygon", "coordinates": [[SQUARE]]})
    made = await routing.call("POST", "/works", headers, 201, json=body)
    assert await routing.call("POST", "/works", headers, 201, json=body) == made, (
        "the same key, the same work"
    )
    later = await announce(routing, title="Опрессовка", **FAR)
    shown = await routing.call("GET", f"/works/{made['id']}", routing.mint.headers("coordinator"))
    assert (shown, shown["organisation"]["id"]) == (made, str(WATER))
    assert {key: shown[key] for key in ("area", "streets", "notice")} == {
        key: body[key] for key in ("area", "streets", "notice")
    }
    found = {status: await listed(routing, status=status) for status in ("planned", "running", "over")}
    assert {status: [each["id"] for each in works] for status, works in found.items()} == {
        "planned": [later["id"]],
        "running": [made["id"]],
        "over": [],
    }
    assert [each["id"] for each in await listed(routing, at="2030-01-01T12:00:00Z")] == [later["id"]]
    page = await routing.call("GET", "/works?limit=1", routing.mint.headers("coordinator"))
    rest = await routing.call(
        "GET", f"/works?limit=1&cursor={page['next_cursor']}", routing.mint.headers("coordinator")
    )
    assert [each["id"] for each in (*page["items"], *rest["items"])] == [later["id"], made["id"]]
    changed = await put(routing, made, title="Отключение воды до утра")
    assert (changed["version"], changed["title"]) == (2, "Отключение воды до утра")
    titles = await look.fetch("SELECT title, status, topic, lat, radius_m FROM routing.incident ORDER BY id")
    assert (titles[0]["title"], titles[0]["status"], titles[0]["topic"]) == (
        changed["title"],
        "confirmed",
        "water",
    )
    assert (round(titles[0]["lat"], 3), titles[0]["radius_m"] > 6000) == (51.05, True)
    await put(routing, made, 412, title="по старой версии")
    await put(routing, {**changed, "answered": 1}, 422)
    await routing.call("PUT", f"/works/{made['id']}", routing.mint.headers("coordinator"), 428, json=body)
    kept = await look.fetch("SELECT what FROM routing.reference_change WHERE key = $1", made["id"])
    assert [row["what"] for row in kept] == ["work", "work"], "who announced and changed it is known"


async def put(routing: Routing, seen: Any, status: int = 200, headers: Any = None, **changes: Any) -> Any:
    """PUT a work that was read."""
    headers = headers or routing.mint.headers("coordinator")
    more = {"If-Match": seen["version"]}
    return await routing.call(
        "PUT", f"/works/{seen['id']}", headers, status, json={**seen, **changes}, more=more
    )


async def test_everybody_announces_their_own(routing: Routing) -> None:
    """An organisation its own works, a municipal centre those of its place, a coordinator its region's."""
    await set_up(routing)
    own = await announce(routing, role="agency", organisation=None)
    assert own["organisation"]["id"] == str(WATER)
    await announce(routing, 422, role="agency", organisation=str(LIGHTS))
    lights = await announce(routing, organisation=str(LIGHTS))
    agency = routing.agency(WATER)
    answer = await routing.call("GET", "/works", agency)
    assert [each["id"] for each in answer["items"]] == [own["id"]]
    await routing.call("GET", f"/works/{lights['id']}", agency, 404)
    await put(routing, lights, 404, agency)
    await put(routing, own, 422, agency, organisation=str(LIGHTS))
    assert (await put(routing, own, headers=agency, title="Наши работы"))["version"] == 2
    elsewhere = routing.mint.headers("coordinator", ["77"])
    await put(routing, lights, 404, elsewhere)
    await routing.call("POST", "/works", elsewhere, 403, json=work())
    await routing.call("GET", "/works?region=46", elsewhere, 403)
    centre = routing.mint.headers("coordinator", municipalities=[LGOV])
    await routing.call("POST", "/works", centre, 403, json=work())
    await routing.call("POST", "/works", centre, 403, json=work(municipality=None))
    theirs = await routing.call("POST", "/works", centre, 201, json=work(municipality=LGOV))
    by_name = work(municipality=None, settlement="Льгов", streets=[])
    named = await routing.call("POST", "/works", centre, 201, json=by_name)
    answer = await routing.call("GET", "/works", centre)
    assert {each["id"] for each in answer["items"]} == {theirs["id"], named["id"]}
    await put(routing, lights, 404, centre)
    await routing.call("GET", f"/works/{lights['id']}", centre, 404)


async def test_what_is_over_closes_and_may_go_on(routing: Routing, look: asyncpg.Connection) -> None:
    await set_up(routing)
    past = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    made = await announce(routing, ends_at=past)
    await announce(routing)
    async with routing.app.state.resources.sessions.begin() as session:
        await open_work(session)
        assert await close_over(session) == 1
        assert await close_over(session) == 0
    status = "SELECT status FROM routing.incident WHERE work_id = $1::text::uuid"
    assert await look.fetchval(status, made["id"]) == "closed"
    delete = {**routing.mint.headers("coordinator"), "If-Match": "1"}
    over = await routing.client.delete(f"/api/v1/works/{made['id']}", headers=delete)
    assert (over.status_code, over.json()["type"].rsplit("/")[-1]) == (409, "not-allowed-now")
    longer = await put(routing, made, ends_at=(datetime.now(UTC) + timedelta(hours=1)).isoformat())
    assert await look.fetchval(status, made["id"]) == "confirmed"
    ended = await routing.client.delete(
        f"/api/v1/works/{made['id']}", headers={**delete, "If-Match": str(longer["version"])}
    )
    assert ended.status_code == 204
    await put(routing, {**longer, "version": 3}, 409)
    planned = await announce(routing, **FAR)
    assert (await routing.client.delete(f"/api/v1/works/{planned['id']}", headers=delete)).status_code == 204
    await routing.call("GET", f"/works/{planned['id']}", routing.mint.headers("coordinator"), 404)
    assert await look.fetchval(status, planned["id"]) == "undone"


@pytest.mark.parametrize("role", ["portal", "analyst", "federal"])
async def test_others_may_not(routing: Routing, role: str) -> None:
    await routing.call("GET", "/works", routing.mint.headers(role), 403)
