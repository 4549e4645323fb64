"""What citizens are told before they write, and incidents that nobody tells of any more."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg
from uuid_utils.compat import uuid7

from chassis.db import open_work
from services.routing.incidents.actions.closing import close_silent
from tests.routing.conftest import DISTRICT_PLACE, KURSK, ROADS, Routing, told
from tests.routing.incidents_acts.incidents import Event, happened


async def known(routing: Routing, **params: Any) -> list[dict[str, Any]]:
    """As anybody reads it."""
    answer = await routing.call("GET", "/known", {}, params={"region": "46", **params})
    items: list[dict[str, Any]] = answer["items"]
    return items


async def placed(routing: Routing, look: asyncpg.Connection, lat: float | None, **columns: Any) -> Event:
    """A confirmed incident of five appeals somewhere."""
    event = await happened(routing, look, [ROADS] * 5, title="Иванов И. И. опять жалуется")
    await event.act("confirm")
    await look.execute(
        "UPDATE routing.incident SET lat = $2, lon = CASE WHEN $2::float8 IS NULL THEN NULL ELSE 36.0 END WHERE id = $1",
        event.id,
        lat,
    )
    for name, value in columns.items():
        await look.execute(f"UPDATE routing.incident SET {name} = $2 WHERE id = $1", event.id, value)
    return event


async def test_the_nearest_first_without_anybodys_words(routing: Routing, look: asyncpg.Connection) -> None:
    far, near = await placed(routing, look, 52.0), await placed(routing, look, 51.6)
    nowhere = await placed(routing, look, None, topic="lamps", street=None)
    small = await happened(routing, look, [ROADS] * 4)
    await small.act("confirm")
    await happened(routing, look, [ROADS] * 6)
    items = await known(routing, lat=51.5, lon=36.0)
    assert [each["id"] for each in items] == [str(near.id), str(far.id), str(nowhere.id)]
    first = items[0]
    assert first.pop("since")
    assert first == {
        "id": str(near.id),
        "kind": "incident",
        "title": "Ямы на дорогах: улица Ленина",
        "topic": "holes",
        "until": None,
        "notice": None,
        "appeals": 5,
    }
    assert items[2]["title"] == "Нет освещения: Город Курск"
    assert [each["id"] for each in await known(routing, topic="clinics")] == []
    assert len(await known(routing, topic="lamps")) == 3, "topics of one group are near each other"
    assert await known(routing, topic="nosuch") == []
    await routing.call("GET", "/known", {}, 422)
    await routing.call("GET", "/known", {}, 422, params={"region": "46", "lat": 51.0})
    await routing.call("GET", "/known", {}, 422, params={"region": "46", "lat": "nan", "lon": 36})
    await routing.call("GET", "/known", {}, 422, params={"region": "00"})
    assert (await routing.call("GET", "/known", {}, params={"region": "77"}))["items"] == []


async def test_an_address_tells_where_somebody_is(routing: Routing, look: asyncpg.Connection) -> None:
    town = await placed(routing, look, None, street="улица Мира", municipality=KURSK)
    district = await placed(routing, look, None, street="улица Садовая", municipality=DISTRICT_PLACE)
    for address, first in (
        ("г. Курск, ул. Мира, 5", town),
        ("Беловский район, ул. Садовая, д. 7", district),
        ("Беловский район", district),
        ("ул. Садовая", district),
    ):
        assert (await known(routing, address=address))[0]["id"] == str(first.id), address
    assert len(await known(routing, address="\u200b, ,,")) == 2


async def test_never_more_than_ten(routing: Routing, look: asyncpg.Connection) -> None:
    event = await placed(routing, look, 51.6)
    for _ in range(12):
        await look.execute(
            "INSERT INTO routing.incident SELECT (jsonb_populate_record(i, jsonb_build_object('id', $2::uuid))).* "
            "FROM routing.incident i WHERE id = $1",
            event.id,
            uuid7(),
        )
    assert len(await known(routing)) == 10


async def test_who_has_seen_enough_is_counted_and_nothing_else(
    routing: Routing, look: asyncpg.Connection
) -> None:
    event = await placed(routing, look, 51.6)
    for number in (1, 2):
        counted = await routing.call("POST", f"/known/{event.id}/enough", {})
        assert counted == {"id": str(event.id), "enough": number}
    await routing.call("POST", f"/known/{uuid7()}/enough", {}, 404)
    await routing.call("POST", f"/known/{event.id}/enough", {}, 422, json={"name": "Иванов"})
    (shown,) = (await routing.call("GET", "/incidents", routing.mint.headers("coordinator")))["items"]
    assert shown["enough"] == 2
    rows = await look.fetch("SELECT * FROM routing.known_enough")
    assert [tuple(each) for each in rows] == [("46", event.id, 2)]
    await event.act("undo")
    await routing.call("POST", f"/known/{event.id}/enough", {}, 404)


async def test_an_incident_is_closed_after_a_week_of_silence(
    routing: Routing, look: asyncpg.Connection
) -> None:
    silent, told_of = await happened(routing, look), await happened(routing, look)
    of_work = await happened(routing, look)
    await look.execute("UPDATE routing.incident SET work_id = $1 WHERE id = $2", uuid7(), of_work.id)
    await silent.act("confirm")
    answered = await happened(routing, look)
    await answered.act("confirm")
    await answered.answer()
    for event, days in ((silent, 8), (told_of, 6), (answered, 8), (of_work, 8)):
        await look.execute(
            "UPDATE routing.incident SET last_at = now() - make_interval(days => $2) WHERE id = $1",
            event.id,
            days,
        )
    closed = []
    while True:
        async with routing.app.state.resources.sessions.begin() as session:
            await open_work(session)
            if not await close_silent(session):
                break
        closed.append((await told(look, "incident.changed"))[-1])
    assert [(UUID(each["incident_id"]), each["status"]) for each in closed] == [(silent.id, "closed")]
    assert [(await each.row())["status"] for each in (silent, told_of, answered)] == [
        "closed",
        "proposed",
        "confirmed",
    ]
    await silent.act("undo", 409)
    members = await silent.members()
    assert {each["status"] for each in members} == {"new"}, "they are answered one by one"
