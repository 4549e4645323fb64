"""Cases that another system kept: answered ones stay with their body, open ones go on, unknown names are kept out of use."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import text
from uuid_utils.compat import uuid7

from chassis.db import open_all_rows
from contracts.intake import AppealImported, AppealWithdrawn, TakenOver
from harness.payloads import read_payload
from tests.routing.conftest import KURSK, LIGHTS, ROADS, Routing, appeal

RECEIVED = datetime(2020, 3, 2, 9, 0, tzinfo=UTC)
CLOSED = RECEIVED + timedelta(days=5)
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def past_case(closed_at: datetime | None = CLOSED, **fields: Any) -> AppealImported:
    """A case as intake tells of it."""
    return AppealImported(
        **{
            "region": "46",
            "appeal_id": uuid7(),
            "number": "46-2020-0000001",
            "regime": "message",
            "channel": "portal",
            "client_id": "client-admin",
            "text": "Яма на дороге",
            "received_at": RECEIVED,
            "taken_over": TakenOver(at=NOW, closed_at=closed_at),
            "topic": "Ямы на дорогах",
            "organisation": "Комитет дорог",
            **fields,
        }
    )


async def stored(routing: Routing) -> list[Any]:
    async with routing.app.state.resources.sessions() as session:
        await open_all_rows(session)
        found = await session.execute(
            text(
                "SELECT a.*, o.name AS body, o.active, t.name AS topic_name, t.active AS topic_active FROM "
                "routing.assignment a LEFT JOIN routing.organisation o ON o.region = a.region AND "
                "o.id = a.organisation_id LEFT JOIN routing.topic t ON t.region = a.region AND t.code = a.topic "
                "ORDER BY a.id"
            )
        )
        return list(found.mappings())


async def told(routing: Routing) -> list[dict[str, Any]]:
    async with routing.app.state.resources.sessions() as session:
        await open_all_rows(session)
        rows = await session.execute(
            text(
                "SELECT o.packed, o.payload FROM routing.outbox o JOIN routing.outbox_pending p ON p.id = o.id "
                "WHERE o.subject LIKE 'routing.assignment.%' ORDER BY p.position"
            )
        )
        return [orjson.loads(read_payload(row)) for row in rows.mappings()]


async def test_an_answered_case_is_kept_as_answered(routing: Routing) -> None:
    event = past_case(accepted_at=RECEIVED + timedelta(hours=3), outcome="explained", answer="Заделаем в мае")
    await routing.handle(event)
    (row,) = await stored(routing)
    assert (row["status"], row["organisation_id"], row["topic"]) == ("answered", ROADS, "holes")
    assert (row["created_at"], row["answered_at"], row["version"]) == (RECEIVED, CLOSED, 3)
    assert [(t["type"].split(".")[2], t["sequence"]) for t in await told(routing)] == [
        ("created", 1),
        ("accepted", 2),
        ("answered", 3),
    ]
    assert await routing.queue() == []
    assert await routing.feed() == [], "it never stood in the queue"
    details = await routing.call("GET", f"/assignments/{row['id']}", routing.agency())
    assert details["explanation"]["source"] == "import"
    assert [answer["text"] for answer in details["answers"]] == ["Заделаем в мае"]


async def test_a_solution_that_was_put_off_is_still_owed(routing: Routing) -> None:
    await routing.handle(past_case(postponed=True, promised_on=date(2020, 6, 1)))
    (row,) = await stored(routing)
    assert (row["status"], row["answered_at"]) == ("postponed", CLOSED)
    (_, answered) = await told(routing)
    assert (answered["data"]["outcome"], answered["data"]["promised_on"]) == ("postponed", "2020-06-01")
    (item,) = await routing.queue()
    await routing.act(item, "answer", text="Сделано", outcome="solved")
    assert [row["status"] for row in await stored(routing)] == ["answered"]


async def test_an_open_case_goes_on_in_the_queue_of_its_body(routing: Routing) -> None:
    await routing.handle(past_case(None))
    (item,) = await routing.claim()
    assert item["received_at"] == "2020-03-02T09:00:00Z"
    assert [each["offered_at"] for each in await stored(routing)] == [NOW], "not what it waited elsewhere"
    await routing.act(item, "answer", text="Сделано", outcome="solved")


async def test_unknown_names_are_added_out_of_use_and_once(routing: Routing) -> None:
    names = {"topic": "Фонтаны", "group": "Вода", "organisation": "Горводоканал (до 2022)"}
    await routing.handle(past_case(CLOSED, **names))
    await asyncio.gather(*(routing.handle(past_case(CLOSED, **names)) for _ in range(4)))
    rows = await stored(routing)
    assert len(rows) == 5
    assert {(row["body"], row["active"], row["topic_name"], row["topic_active"]) for row in rows} == {
        ("Горводоканал (до 2022)", False, "Фонтаны", False)
    }
    created = next(t["data"] for t in await told(routing) if t["type"].endswith("created.v1"))
    assert created["topic"]["group_name"] == "Вода"
    topics = await routing.call("GET", "/topics", routing.mint.headers("coordinator"))
    assert "Фонтаны" not in {topic["name"] for topic in topics["items"]}


async def test_what_an_administrator_made_of_an_archived_body_stays(routing: Routing) -> None:
    """The next file names it as the first one did; it is known under its new name and stays in use."""
    await routing.handle(past_case(organisation="Горводоканал", topic="Фонтаны", group="Улицы"))
    admin = routing.mint.headers("admin", ["46"])
    listed = await routing.call("GET", "/organisations", admin, params={"inactive": True, "limit": 1000})
    archived = next(body for body in listed["items"] if body["name"] == "Горводоканал")
    changed = {"name": "МУП Водоканал", "kind": "company", "municipality": "38701000", "active": True}
    await routing.call(
        "PUT", f"/organisations/{archived['id']}", admin, json=changed, more={"If-Match": archived["version"]}
    )
    await routing.handle(past_case(organisation="Горводоканал", topic="Фонтаны", group="Улицы"))
    await routing.handle(past_case(None, organisation="Горводоканал"))
    listed = await routing.call("GET", "/organisations", admin, params={"inactive": True, "limit": 1000})
    now = next(body for body in listed["items"] if body["id"] == archived["id"])
    assert (now["name"], now["active"], now["kind"]) == ("МУП Водоканал", True, "company")
    assert {row["body"] for row in await stored(routing)} == {"МУП Водоканал"}
    topics = await routing.call("GET", "/topics", admin, params={"inactive": True, "limit": 1000})
    assert {topic["group"] for topic in topics["items"] if topic["name"] == "Фонтаны"} == {"streets"}


async def test_an_open_case_that_its_body_had_taken_to_work_is_accepted(routing: Routing) -> None:
    await routing.handle(past_case(None, accepted_at=RECEIVED + timedelta(days=1)))
    (item,) = await routing.queue()
    assert (item["status"], item["version"]) == ("accepted", 2)
    assert [t["type"].split(".")[2] for t in await told(routing)] == ["created", "accepted"]


async def test_an_open_case_of_a_body_that_is_gone_waits_for_a_coordinator(routing: Routing) -> None:
    await routing.handle(past_case(None, organisation="Упразднённый комитет", topic="Фонтаны"))
    (waiting,) = await routing.triage()
    assert "Упразднённый комитет" in waiting["triage_reason"]
    assert waiting["topic_name"] == "Фонтаны"


async def test_an_open_case_of_nobody_is_routed_like_a_new_one(routing: Routing) -> None:
    await routing.handle(past_case(None, organisation=None, topic="Фонтаны"))
    assert routing.classifier.asked[-1] == 1, "a topic out of use decides nothing"
    await routing.handle(past_case(None, organisation=None))
    assert [item["topic_name"] for item in await routing.queue()] == ["Фонтаны", "Ямы на дорогах"]


async def test_a_second_delivery_places_nothing_twice(routing: Routing) -> None:
    event = past_case()
    await routing.handle(event, event)
    await routing.handle(event)
    assert len(await stored(routing)) == 1
    assert len(await told(routing)) == 2


async def test_an_open_case_whose_end_was_heard_of_first_is_born_cancelled(routing: Routing) -> None:
    event = past_case(None)
    await routing.handle(AppealWithdrawn(region="46", appeal_id=event.appeal_id, withdrawn_at=NOW))
    await routing.handle(event)
    (row,) = await stored(routing)
    assert row["status"] == "cancelled"
    assert await routing.queue() == []


async def test_an_open_case_of_nobody_goes_by_the_rules_of_its_day(routing: Routing) -> None:
    """A rule with days or a season decides for it as for a new appeal; the one that always holds comes after it."""
    admin = routing.mint.headers("admin", ["*"])
    winter = {"season_from": "11-01", "season_to": "03-31", "organisation": str(LIGHTS), "position": 1}
    await routing.call("POST", "/rules", admin, 201, json={"region": "46", "topic": "holes", **winter})
    in_summer = {"received_at": datetime(2020, 7, 1, 9, tzinfo=UTC), "number": "46-2020-0000002"}
    await routing.handle(past_case(None, organisation=None), past_case(None, organisation=None, **in_summer))
    found = {row["number"]: row["body"] for row in await stored(routing)}
    assert found == {"46-2020-0000001": "Горсвет", "46-2020-0000002": "Комитет дорог"}


async def test_an_open_case_of_nobody_goes_to_who_serves_its_house(routing: Routing) -> None:
    admin = routing.mint.headers("admin", ["*"])
    rule = {"region": "46", "topic": "holes", "organisation": str(ROADS), "service": "other", "position": 1}
    await routing.call("POST", "/rules", admin, 201, json=rule)
    area = {
        "region": "46",
        "organisation": str(LIGHTS),
        "service": "other",
        "municipality": KURSK,
        "street": "улица Ленина",
    }
    await routing.call("POST", "/service-areas", admin, 201, json=area)
    place = {"municipality": KURSK, "address": "улица Ленина, 5"}
    await routing.handle(appeal(topic="holes", **place), past_case(None, organisation=None, **place))
    assert [row["body"] for row in await stored(routing)] == ["Горсвет", "Горсвет"]
