"""A region's settlements: loaded with its reference data, found in appeals, shown with their assignments."""

from __future__ import annotations

from typing import Any

import asyncpg

from contracts.intake import Location
from tests.routing.conftest import DISTRICT_PLACE, KURSK, ROADS, Routing, appeal

WHITE, CITY = "46-belaya", "38701000001"
SETTLEMENTS: list[dict[str, Any]] = [
    {
        "code": CITY,
        "name": "Курск",
        "kind": "г",
        "municipality": KURSK,
        "oktmo": KURSK,
        "lat": 51.7304,
        "lon": 36.1926,
        "population": 414595,
    },
    {
        "code": WHITE,
        "name": "Белая",
        "kind": "сл",
        "municipality": DISTRICT_PLACE,
        "oktmo": "38602408",
        "formation": "Беловский сельсовет",
        "lat": 51.0588,
        "lon": 35.7109,
        "population": 2810,
        "aliases": ["Белая слобода"],
    },
]
STREETS = [{"settlement": CITY, "name": "улица Сумская"}]


async def test_settlements_are_loaded_changed_and_loaded_again(
    routing: Routing, look: asyncpg.Connection
) -> None:
    loaded = await routing.load(settlements=SETTLEMENTS, streets=STREETS * 2)
    assert (loaded["settlements"], loaded["streets"]) == (2, 2)
    assert (loaded["changed"]["settlements"], loaded["changed"]["streets"]) == (2, 1)
    again = await routing.load(settlements=SETTLEMENTS, streets=STREETS)
    assert (again["changed"]["settlements"], again["changed"]["streets"]) == (0, 0)
    assert again["version"] == loaded["version"]
    grown = await routing.load(settlements=[{**SETTLEMENTS[1], "population": 2900}])
    assert (grown["changed"]["settlements"], grown["version"]) == (1, loaded["version"] + 1)
    stored = await look.fetch("SELECT code, population FROM routing.settlement ORDER BY code")
    assert [tuple(row) for row in stored] == [(CITY, 414595), (WHITE, 2900)]


async def test_what_a_settlement_or_a_street_refers_to_has_to_be_there(routing: Routing) -> None:
    admin = routing.mint.headers("admin", ["*"])
    body = {
        "settlements": [{"code": "46-x", "name": "Икс", "municipality": "38699000"}],
        "streets": [{"settlement": "46-y", "name": "улица Игрек"}],
    }
    problem = await routing.call("PUT", "/reference/46", admin, 422, json=body)
    assert [error["pointer"] for error in problem["errors"]] == [
        "/settlements/0/municipality",
        "/streets/0/settlement",
    ]
    half = {"settlements": [{**SETTLEMENTS[0], "lon": None}]}
    await routing.call("PUT", "/reference/46", admin, 422, json=half)


async def test_an_appeal_finds_its_settlement_and_its_organisation_says_why(routing: Routing) -> None:
    await routing.handle(appeal("Яма, слобода Белая, ул. Советская"))
    (waiting,) = await routing.triage()
    assert "«слобода Белая» не найдено" in waiting["triage_reason"], "nobody knows it yet"
    why = waiting["explanation"]
    assert (why["settlement"], why["settlement_name"], why["place_note"]) == (None, None, "")
    await routing.load(settlements=SETTLEMENTS, streets=STREETS)
    await routing.handle(appeal("Яма в слободе Белой"))
    (item,) = await routing.queue()
    assert item["municipality"] == DISTRICT_PLACE
    details = await routing.call("GET", f"/assignments/{item['id']}", routing.agency(ROADS))
    why = details["explanation"]
    assert (why["municipality"], why["municipality_found_in"]) == (DISTRICT_PLACE, "text")
    assert (why["settlement"], why["settlement_name"]) == (WHITE, "сл. Белая")


async def test_the_point_of_an_appeal_says_where_its_words_do_not(routing: Routing) -> None:
    await routing.load(settlements=SETTLEMENTS)
    white = Location(lat=51.06, lon=35.71)
    await routing.handle(
        appeal(location=white),
        appeal("Яма в Курске", location=white),
        appeal(location=white, location_note="outside"),
    )
    found = {}
    for item in await routing.queue():
        details = await routing.call("GET", f"/assignments/{item['id']}", routing.agency())
        found[details["explanation"]["municipality_found_in"]] = details["explanation"]
    assert found.keys() == {"point", "text", None}
    assert (found["point"]["municipality"], found["point"]["settlement"]) == (DISTRICT_PLACE, WHITE)
    assert found["text"]["municipality"] == KURSK
    assert "рядом «Белая»" in found["text"]["place_note"]


async def test_classifying_says_where_and_how_that_is_known(routing: Routing) -> None:
    await routing.load(settlements=SETTLEMENTS)
    coordinator = routing.mint.headers("coordinator")
    body: dict[str, Any] = {"text": "Яма на дороге", "region": "46"}
    named = await routing.call(
        "POST", "/classify", coordinator, json={**body, "address": "Беловский район, сл. Белая"}
    )
    assert (named["municipality"], named["settlement"]) == (DISTRICT_PLACE, WHITE)
    assert named["settlement_name"] == "сл. Белая"
    assert "Место: Беловский район, сл. Белая – названо в адресе." in named["explanation"]
    pointed = await routing.call(
        "POST", "/classify", coordinator, json={**body, "location": {"lat": 51.73, "lon": 36.19}}
    )
    assert (pointed["municipality"], pointed["settlement"]) == (KURSK, CITY)
    assert any("по точке на карте" in step for step in pointed["explanation"])
    abroad = await routing.call(
        "POST", "/classify", coordinator, json={**body, "location": {"lat": 55.75, "lon": 37.62}}
    )
    assert (abroad["municipality"], abroad["settlement"]) == (None, None)
    assert "Одной известной территории обращение не называет." in abroad["explanation"]
