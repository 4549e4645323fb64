"""Many at once: workers beside each other, one that dies in the middle, what is known nearby."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from chassis.db import open_work
from services.routing.works.actions import answering
from services.routing.works.actions.answering import answer_some
from services.routing.works.queries.known import Whereabouts, find_nearby_works
from tests.routing.conftest import Routing, appeal
from tests.routing.works.steps import LGOV, WATER, announce, answered, give, listed, set_up


async def test_nobody_is_answered_twice_by_workers_beside_each_other_or_that_die(
    routing: Routing, look: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a step has done is undone with it; the next one does it all."""
    await set_up(routing)
    monkeypatch.setattr(answering, "MOST_AT_ONCE", 7)
    await announce(routing)
    await announce(routing, streets=["улица Садовая"], title="Ремонт водовода")
    asked = [appeal(f"На улице {('Ленина', 'Садовой')[n % 2]} нет воды с {n} часов") for n in range(30)]
    await routing.handle(*asked)

    async def dies() -> None:
        async with routing.app.state.resources.sessions.begin() as session:
            await open_work(session)
            assert await answer_some(session) == 7
            raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        await dies()
    assert set((await answered(look)).values()) == {"new"}

    async def works_off() -> None:
        while await give(routing):
            pass

    await asyncio.gather(*(works_off() for _ in range(4)))
    assert set((await answered(look)).values()) == {"answered"}
    assert await look.fetchval("SELECT count(*) FROM routing.due_notice") == 0
    answers = await look.fetch("SELECT appeal_id, count(*) AS given FROM routing.answer GROUP BY appeal_id")
    assert {row["appeal_id"]: row["given"] for row in answers} == dict.fromkeys(
        (event.appeal_id for event in asked), 1
    )
    assert sorted(each["answered"] for each in await listed(routing)) == [15, 15]
    counts = await look.fetch("SELECT appeals FROM routing.incident")
    assert [row["appeals"] for row in counts] == [15, 15]
    assert await look.fetchval("SELECT count(*) FROM routing.incident_report WHERE matched") == 30


async def test_a_notice_changed_meanwhile_is_the_one_that_is_given(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """And a work that was moved to another time answers nobody of the old one."""
    await set_up(routing)
    made, other = await announce(routing), await announce(routing, streets=["улица Садовая"])
    await routing.handle(appeal("На улице Ленина нет воды"), moved := appeal("На улице Садовой нет воды"))
    headers = routing.mint.headers("coordinator")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    changes: list[tuple[Any, dict[str, str]]] = [
        (made, {"notice": "Воду дадут в 20:00."}),
        (other, {"starts_at": tomorrow.isoformat(), "ends_at": (tomorrow + timedelta(hours=1)).isoformat()}),
    ]
    for seen, change in changes:
        more = {"If-Match": seen["version"]}
        await routing.call("PUT", f"/works/{seen['id']}", headers, json={**seen, **change}, more=more)
    await give(routing)
    (item,) = await routing.queue(WATER, status="answered")
    details = await routing.call("GET", f"/assignments/{item['id']}", routing.agency(WATER))
    assert [answer["text"] for answer in details["answers"]] == ["Воду дадут в 20:00."]
    assert (await answered(look))[moved.appeal_id] == "new"


async def test_works_nearby_are_known_before_anybody_writes(routing: Routing) -> None:
    """Running ones and those of the next days; by place, topic and distance."""
    await set_up(routing)
    now = datetime.now(UTC)
    square = [[36.18, 51.72], [36.2, 51.72], [36.2, 51.74], [36.18, 51.74], [36.18, 51.72]]
    area = {"type": "Polygon", "coordinates": [square]}
    soon: dict[str, Any] = {
        "starts_at": (now + timedelta(days=2)).isoformat(),
        "ends_at": (now + timedelta(days=3)).isoformat(),
    }
    late: dict[str, Any] = {
        "starts_at": (now + timedelta(days=4)).isoformat(),
        "ends_at": (now + timedelta(days=5)).isoformat(),
    }
    await announce(routing, title="улицы")
    await announce(routing, title="площадь", streets=[], area=area, municipality=None, topics=["heat"])
    await announce(routing, title="скоро", streets=[], **soon)
    await announce(routing, title="нескоро", streets=[], **late)
    await announce(routing, title="Льгов", municipality=LGOV)

    async def found(**whereabouts: Any) -> list[tuple[str, int | None]]:
        async with routing.app.state.resources.sessions.begin() as session:
            await open_work(session)
            nearby = await find_nearby_works(session, Whereabouts("46", **whereabouts), now, 10)
        return [
            (each.work.title, None if each.distance_m is None else round(each.distance_m / 100))
            for each in nearby
        ]

    inside = {"lat": 51.73, "lon": 36.19}
    assert await found(**inside) == [("площадь", 0), ("скоро", 0), ("улицы", None)]
    assert await found(lat=51.73, lon=36.21) == [("скоро", 0), ("площадь", 7), ("улицы", None)]
    assert await found(lat=51.66, lon=35.26) == [("Льгов", None)]
    assert await found(address="г. Курск, ул. Ленина, 12") == [("улицы", 0), ("скоро", 0)]
    assert await found(address="Льгов, Ленина 12") == [("Льгов", 0)]
    assert await found(topic="heat", **inside) == [("площадь", 0)]
    assert {title for title, _ in await found()} == {"улицы", "площадь", "скоро", "Льгов"}
