"""Competence rules with an order, validity and seasons, over HTTP and on real appeals; and what a dry run finds out about them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from harness.reading import recorded
from tests.routing.conftest import CENTRE, CITY, DISTRICT, KURSK, LIGHTS, ROADS, Routing, appeal

KURSK_TIME = ZoneInfo("Europe/Moscow")
WINTER = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
SUMMER = datetime(2026, 7, 15, 9, 0, tzinfo=UTC)
NEW_YEARS_NIGHT = datetime(2026, 3, 31, 21, 30, tzinfo=UTC)  # the first of April in Kursk already
HOLES: dict[str, Any] = {"region": "46", "topic": "holes"}


async def add_rule(routing: Routing, status: int = 201, **fields: Any) -> Any:
    """A new rule of the topic holes."""
    admin = routing.mint.headers("admin", ["*"])
    return await routing.call("POST", "/rules", admin, status, json={**HOLES, **fields})


async def holders(routing: Routing, *events: Any) -> list[str]:
    """To which organisations appeals go, in order."""
    await routing.handle(*events)
    found = {}
    for organisation in (ROADS, LIGHTS, CITY, DISTRICT):
        queue = await routing.queue(organisation)
        found.update({item["appeal_id"]: item["organisation"]["name"] for item in queue})
    return [found[str(event.appeal_id)] for event in events]


async def test_a_seasonal_rule_decides_in_its_season_by_the_days_of_the_region(routing: Routing) -> None:
    made = await add_rule(
        routing, organisation=str(LIGHTS), season_from="11-01", season_to="03-31", position=1
    )
    assert made["sentence"] == "№ 1. С 1 ноября по 31 марта: тема «Ямы на дорогах», весь регион → Горсвет"
    events = [appeal(topic="holes", received_at=at) for at in (WINTER, SUMMER, NEW_YEARS_NIGHT)]
    assert await holders(routing, *events) == ["Горсвет", "Комитет дорог", "Комитет дорог"]


async def test_rules_of_a_year_hand_over_on_the_day(routing: Routing) -> None:
    last_day = datetime(2026, 6, 30, 20, 59, tzinfo=UTC)  # 23:59 in Kursk
    first_day = last_day + timedelta(minutes=2)
    await add_rule(routing, organisation=str(LIGHTS), position=5, valid_to="2026-07-01")
    await add_rule(routing, organisation=str(CITY), position=5, valid_from="2026-07-01")
    events = [appeal(topic="holes", received_at=at) for at in (last_day, first_day)]
    assert await holders(routing, *events) == ["Горсвет", "Администрация города"]


async def test_a_position_goes_before_what_is_more_specific(routing: Routing) -> None:
    await add_rule(routing, organisation=str(LIGHTS), municipality=KURSK)
    broad = await add_rule(routing, topic=None, organisation=str(CITY), position=1)
    event = appeal(topic="holes", municipality=KURSK)
    assert await holders(routing, event) == ["Администрация города"]
    admin = routing.mint.headers("admin", ["*"])
    lower = {**broad, "position": None}
    changed = await routing.call("PUT", f"/rules/{broad['id']}", admin, json=lower, more={"If-Match": 1})
    assert (changed["position"], changed["version"]) == (None, 2)
    assert changed["sentence"] == "Любая тема, весь регион → Администрация города"
    assert await holders(routing, appeal(topic="holes", municipality=KURSK)) == ["Горсвет"]


async def test_terms_are_checked(routing: Routing) -> None:
    wrong: list[dict[str, Any]] = [
        {"position": 0},
        {"season_from": "11-01"},
        {"season_from": "11-31", "season_to": "12-01"},
        {"season_from": "1-1", "season_to": "12-01"},
        {"valid_from": "2026-07-01", "valid_to": "2026-07-01"},
        {"valid_from": 20260701},
        {"service": "unheard"},
    ]
    for terms in wrong:
        await add_rule(routing, 422, organisation=str(LIGHTS), **terms)
    winter: dict[str, Any] = {"organisation": str(ROADS), "season_from": "11-01", "season_to": "02-29"}
    await add_rule(routing, **winter)
    await add_rule(routing, 409, **winter, position=3)
    await add_rule(routing, **winter, valid_from="2027-01-01")


async def test_rules_by_codes_with_terms_change_nothing_the_second_time(routing: Routing) -> None:
    winter = {"topic": "holes", "organisation": "lights", "season_from": "11-01", "season_to": "03-31"}
    rules = [winter, {**winter, "valid_from": "2027-01-01"}, {"topic": "holes", "organisation": "lights"}]
    assert (await routing.load(rules=rules))["changed"]["rules"] == 3
    assert (await routing.load(rules=rules))["changed"]["rules"] == 0
    first = (await routing.load(rules=[{**winter, "position": 4}]))["changed"]
    assert first["rules"] == 1, "another position changes the rule"
    assert (await routing.load(rules=[{**winter, "position": 4, "active": False}]))["changed"]["rules"] == 1
    portal = routing.mint.headers("portal")
    listed = await routing.call("GET", "/rules", portal, params={"topic": "holes", "inactive": True})
    assert [(rule["position"], rule["active"]) for rule in listed["items"] if rule["position"]] == [
        (4, False)
    ]


async def test_the_centre_gets_nothing_whatever_a_rule_names(routing: Routing) -> None:
    await add_rule(routing, organisation=str(CENTRE), position=1)
    assert await holders(routing, appeal(topic="holes")) == ["Комитет дорог"]


async def test_a_changed_rule_is_tried_by_the_day(routing: Routing) -> None:
    coordinator = routing.mint.headers("coordinator")
    today = datetime.now(UTC)
    await routing.handle(
        *(appeal(topic="holes", received_at=today - timedelta(days=days)) for days in (1, 1, 3))
    )
    rules = (await routing.call("GET", "/rules", coordinator, params={"topic": "holes"}))["items"]
    change = {
        "id": rules[0]["id"],
        "topic": "holes",
        "organisation": str(LIGHTS),
        "valid_from": f"{(today.astimezone(KURSK_TIME) - timedelta(days=2)).date()}",
    }
    body = {"region": "46", "days": 7, "change": [change]}
    tried = await routing.call("POST", "/rules/dry-run", coordinator, json=body)
    assert (tried["examined"], tried["would_move"], tried["would_go_to_triage"]) == (3, 3, 1)
    assert [(flow["then"] or {}).get("name") for flow in tried["flows"]] == ["Горсвет", None]
    (used,) = tried["deciding"]
    assert (used["rule"]["id"], used["assignments"]) == (rules[0]["id"], 2)
    unknown = {**body, "change": [{**change, "id": "01a2259d-5917-7da8-bddb-e5a151947b5f"}]}
    refused = await routing.call("POST", "/rules/dry-run", coordinator, 422, json=unknown)
    assert refused["errors"][0]["pointer"] == "/change/0/id"


async def test_a_dry_run_names_dead_shadowed_and_conflicting_rules(
    routing: Routing, look: asyncpg.Connection
) -> None:
    coordinator = routing.mint.headers("coordinator")
    await routing.handle(*(appeal(topic="holes", municipality=KURSK) for _ in range(3)))
    await routing.load(
        topics=[{"code": "clinics", "name": "Поликлиники", "group": "health", "active": False}]
    )
    over = f"{datetime.now(UTC).date() - timedelta(days=60)}"
    added: list[dict[str, Any]] = [
        {"topic": "clinics", "organisation": str(CITY)},
        {"topic": "lamps", "organisation": str(CITY), "valid_to": over},
        {"topic": None, "organisation": str(DISTRICT), "position": 1},
        {"topic": "holes", "municipality": KURSK, "organisation": str(CITY), "position": 2},
        {"group": "streets", "organisation": str(CITY)},
        {"group": "streets", "organisation": str(LIGHTS)},
    ]
    tried = await routing.call(
        "POST", "/rules/dry-run", coordinator, json={"region": "46", "days": 30, "add": added}
    )
    dead = {item["rule"]["added"]: item["reason"] for item in tried["dead"]}
    assert dead == {
        0: "Тема выведена из использования.",
        1: "Правило не действовало ни в один день периода.",
    }
    assert [item["rule"]["added"] for item in tried["deciding"]] == [2]
    shadowed = {item["rule"]["added"]: item for item in tried["shadowed"] if item["rule"]["id"] is None}
    assert shadowed.keys() == {3, 4, 5}
    assert all(item["by"]["added"] == 2 and item["always"] for item in shadowed.values())
    assert [item["assignments"] for item in shadowed.values()] == [3, 3, 3]
    assert [(item["first"]["added"], item["second"]["added"]) for item in tried["conflicts"]] == [(4, 5)]
    assert tried["counts"]["rules"] == 4 + len(added)
    assert tried["counts"]["shadowed"] == len(tried["shadowed"]) == 3 + 3, "the stored ones for leads, too"
    # Without the rule that goes before everything, one is beaten in the period only.
    del added[2]
    added[2]["position"] = None
    tried = await routing.call(
        "POST", "/rules/dry-run", coordinator, json={"region": "46", "days": 30, "add": added}
    )
    beaten = [item for item in tried["shadowed"] if not item["always"]]
    assert {item["by"]["added"] for item in beaten} == {2}
    assert {item["assignments"] for item in beaten} == {3}
    assert len(tried["untouched"]) == tried["counts"]["untouched"] > 0
    assert await look.fetchval("SELECT count(*) FROM routing.rule") == 4


async def test_the_cost_of_a_dry_run_does_not_grow_with_the_appeals(routing: Routing) -> None:
    """One row for each combination, and each day where some rule has a season."""
    coordinator = routing.mint.headers("coordinator")
    await routing.handle(*(appeal(topic="holes") for _ in range(40)))
    seasonal = {"topic": "holes", "organisation": str(CITY), "season_from": "01-01", "season_to": "12-31"}
    for body in ({"region": "46"}, {"region": "46", "add": [{**seasonal, "position": 1}]}):
        with recorded(routing.app) as statements:
            tried = await routing.call("POST", "/rules/dry-run", coordinator, json=body)
        assert tried["examined"] == 40
        assert len(statements) <= 6
    assert tried["would_move"] == 40
