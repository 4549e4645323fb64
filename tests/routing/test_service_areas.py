"""Companies and the houses they serve: loaded, changed, and found by the addresses of appeals."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from harness.reading import recorded
from services.routing.reference.rules.codes import organisation_id_of
from tests.routing.conftest import CITY, KURSK, LIGHTS, REFERENCE, ROADS, Routing, Said, appeal

FIRST, SECOND = (organisation_id_of("46", code) for code in ("uk-first", "uk-second"))
COMPANIES = [
    {"code": "uk-first", "name": "УК Первая", "kind": "company", "parent": "city", "municipality": KURSK},
    {"code": "uk-second", "name": "УК Вторая", "kind": "company", "parent": "city", "municipality": KURSK},
]
HOUSES: dict[str, Any] = {"service": "management", "municipality": KURSK}
AREAS = [
    {**HOUSES, "organisation": "uk-first", "street": "ул. Ленина", "houses": ["1-15 нечетные", "20"]},
    {**HOUSES, "organisation": "uk-second", "street": "3-й Агрегатный переулок"},
]


@pytest.fixture
async def served(routing: Routing) -> Routing:
    """A region whose topic «Нет освещения» is the managing company's, and else the city's."""
    rules = [{"topic": "lamps", "organisation": "city", "service": "management", "position": 1}]
    await routing.load(
        organisations=[*REFERENCE["organisations"], *COMPANIES], rules=rules, service_areas=AREAS
    )
    return routing


async def placed(routing: Routing, **fields: Any) -> dict[str, Any]:
    """Where one appeal about lamps has gone, as it is explained."""
    event = appeal(**{"topic": "lamps", "municipality": KURSK, **fields})
    await routing.handle(event)
    coordinator = routing.mint.headers("coordinator")
    for organisation in (FIRST, SECOND, CITY):
        for item in await routing.queue(organisation, limit=1000):
            if item["appeal_id"] == str(event.appeal_id) and item["role"] == "lead":
                found: dict[str, Any] = await routing.call("GET", f"/assignments/{item['id']}", coordinator)
                return found
    return next(item for item in await routing.triage() if item["appeal_id"] == str(event.appeal_id))


@pytest.mark.parametrize(
    ("address", "company"),
    [
        ("ул. Ленина, д. 5 кв. 2", "УК Первая"),
        ("Ленина 20", "УК Первая"),
        ("Агрегатный 3-й пер., 12/1", "УК Вторая"),
        ("ул. Ленина, 6", "Администрация города"),
        ("ул. Мира, 5", "Администрация города"),
        (None, "Администрация города"),
    ],
)
async def test_the_company_of_the_house_answers(served: Routing, address: str | None, company: str) -> None:
    found = await placed(served, address=address, text="Темно у подъезда")
    assert found["organisation"]["name"] == company
    assert ("обслуживает" in found["explanation"]["note"]) == company.startswith("УК")


async def test_the_house_is_explained_and_its_town_has_to_be_known(served: Routing) -> None:
    found = await placed(served, address="Курск, Ленина, 5")
    assert found["explanation"]["note"] == "Адрес «ул. Ленина, 5» обслуживает УК Первая (управление домом)."
    assert found["explanation"]["rule"]["organisation"] == str(CITY), "the rule names whom else it means"
    by_text = await placed(served, text="В подъезде на улице Ленина, дом 20 темно", address=None)
    assert by_text["organisation"]["name"] == "УК Первая"
    nowhere = await placed(served, address="Ленина, 5", municipality=None, text="Темно")
    assert nowhere["organisation"]["name"] == "Администрация города", "every town has a Lenin street"


async def test_two_companies_for_a_house_wait_for_a_coordinator(served: Routing) -> None:
    admin = served.mint.headers("admin", ["*"])
    more = {
        "region": "46",
        **HOUSES,
        "organisation": str(SECOND),
        "street": "улица Ленина",
        "houses": ["3-9"],
    }
    await served.call("POST", "/service-areas", admin, 201, json=more)
    found = await placed(served, address="ул. Ленина, 5")
    assert found["organisation"] is None
    assert "выберите исполнителя" in found["triage_reason"]
    assert {each["name"] for each in found["explanation"]["served_by"]} == {"УК Первая", "УК Вторая"}
    more = {**more, "street": "ул Ленина", "houses": ["5"], "valid_from": "2020-01-01"}
    await served.call("POST", "/service-areas", admin, 201, json=more)
    assert (await placed(served, address="ул. Ленина, 5"))["organisation"]["name"] == "УК Вторая"


async def test_the_company_of_the_house_helps(served: Routing) -> None:
    helping = {"topic": "holes", "organisation": "lights", "role": "co_executor", "service": "management"}
    await served.load(rules=[helping])
    expected = {"ул. Ленина, 5": FIRST, "ул. Мира, 5": LIGHTS}
    for address, organisation in expected.items():
        event = appeal(topic="holes", municipality=KURSK, address=address)
        await served.handle(event)
        (item,) = [
            item for item in await served.queue(organisation) if item["appeal_id"] == str(event.appeal_id)
        ]
        assert item["role"] == "co_executor"


async def test_a_company_never_gets_a_complaint_about_itself(served: Routing) -> None:
    found = await placed(served, address="ул. Ленина, 5", complained_about=FIRST)
    assert found["organisation"]["name"] == "Администрация города"
    assert "вышестоящему" in found["explanation"]["note"]


async def test_a_correction_asks_for_the_house_again(served: Routing) -> None:
    event = appeal(topic="holes", municipality=KURSK, address="ул. Ленина, 7")
    await served.load(rules=[{"topic": "holes", "organisation": "roads"}])
    await served.handle(event)
    (item,) = await served.queue(ROADS)
    coordinator = served.mint.headers("coordinator")
    corrected = await served.act(item, "correct", headers=coordinator, topic="lamps", reason="не ямы")
    assert corrected["organisation"]["name"] == "УК Первая"


async def test_a_batch_asks_for_all_houses_at_once(served: Routing) -> None:
    counts = []
    for size in (1, 1, 60):  # the first reads the reference data, too
        events = [
            appeal(topic="lamps", municipality=KURSK, address=f"ул. Ленина, {n}") for n in range(1, size + 1)
        ]
        with recorded(served.app) as statements:
            await served.handle(*events)
        counts.append(len(statements))
    assert counts[1] == counts[2]


async def test_one_of_two_questions_goes_to_the_company_of_the_house(served: Routing) -> None:
    """The whole text is about the roads, whose topic asks for no house; the second question's does."""
    served.classifier.told = {"1)": Said("Ямы на дорогах", 0.9), "темно": Said("Нет освещения", 0.9)}
    two = appeal(
        "1) Во дворе глубокие ямы на дороге, не проехать. 2) В подъезде второй месяц темно, света нет совсем.",
        municipality=KURSK,
        address="ул. Ленина, 5",
    )
    await served.handle(two)
    (lead,), (helping,) = [await served.queue(each) for each in (ROADS, FIRST)]
    assert (lead["role"], helping["role"], helping["topic"]) == ("lead", "co_executor", "lamps")


async def test_a_house_is_looked_up_also_where_less_likely_topics_ask_for_it(served: Routing) -> None:
    """The likeliest topic is no house's; the company of the others is sure all the same."""
    await served.load(rules=[{"topic": "clinics", "organisation": "city", "service": "management"}])
    likely = [("Нет освещения", 0.29), ("Работа поликлиник", 0.285)]
    served.classifier.told["темно"] = Said("Ямы на дорогах", 0.295, likely)
    found = await placed(served, topic=None, text="Очень темно", address="ул. Ленина, 5")
    assert (found["organisation"]["name"], found["explanation"]["decided_by"]) == (
        "УК Первая",
        "organisation",
    )
    body = {"text": "темно", "region": "46", "municipality": KURSK, "address": "ул. Ленина, 5"}
    asked = await served.call("POST", "/classify", served.mint.headers("coordinator"), json=body)
    assert asked["organisation"]["name"] == "УК Первая"


async def test_classifying_knows_the_company(served: Routing) -> None:
    served.classifier.told["темно"] = type(served.classifier.predict(["x"])[0])("Нет освещения", 0.9)
    body = {"text": "темно", "region": "46", "municipality": KURSK, "address": "ул. Ленина, 5"}
    for headers in (served.mint.headers("coordinator"), served.agency(LIGHTS)):
        answer = await served.call("POST", "/classify", headers, json=body)
        assert answer["organisation"]["name"] == "УК Первая"


async def test_areas_are_changed_one_by_one(served: Routing) -> None:
    admin = served.mint.headers("admin", ["*"])
    (first, _) = (await served.call("GET", "/service-areas", admin, params={"region": "46"}))["items"]
    assert first["houses"] == ["1-15 нечётные", "20"]
    path = f"/service-areas/{first['id']}"
    changed = await served.call("PUT", path, admin, json={**first, "houses": ["5"]}, more={"If-Match": 1})
    assert (changed["houses"], changed["version"]) == (["5"], 2)
    await served.call("PUT", path, admin, 412, json=changed, more={"If-Match": 1})
    await served.call("PUT", path, admin, 428, json=changed)
    assert (await placed(served, address="ул. Ленина, 7"))["organisation"]["name"] == "Администрация города"
    again = {"region": "46", **HOUSES, "organisation": str(FIRST), "street": "Ленина улица"}
    await served.call("POST", "/service-areas", admin, 409, json=again)
    for wrong in (
        {"street": "ул."},
        {"houses": ["15-1"]},
        {"service": "x"},
        {"organisation": str(uuid4())},
        {"valid_from": "2026-01-01", "valid_to": "2025-01-01"},
    ):
        await served.call("POST", "/service-areas", admin, 422, json={**again, "street": "Мира", **wrong})
    answer = await served.client.delete(f"/api/v1{path}", headers={**admin, "If-Match": "2"})
    assert (answer.status_code, answer.content) == (204, b"")
    await served.call("GET", path, admin, 404)
    assert (await placed(served, address="ул. Ленина, 5"))["organisation"]["name"] == "Администрация города"


async def test_the_same_areas_again_change_nothing(served: Routing) -> None:
    assert (await served.load(service_areas=AREAS))["changed"]["service_areas"] == 0
    other = [{**AREAS[0], "street": "улица Ленина", "houses": []}]
    assert (await served.load(service_areas=other))["changed"]["service_areas"] == 1
    listed = await served.call("GET", "/service-areas", served.mint.headers("coordinator"))
    assert [area["street"] for area in listed["items"]] == ["улица Ленина", "3-й Агрегатный переулок"]
    for street in ("3-й Агрегатный", "Агрегатный 3-й"):
        asked = {"street": street}
        found = await served.call("GET", "/service-areas", served.mint.headers("coordinator"), params=asked)
        assert len(found["items"]) == 1


async def test_an_organisation_reads_its_own_areas(served: Routing) -> None:
    own = await served.call("GET", "/service-areas", served.agency(FIRST))
    assert {area["organisation"]["name"] for area in own["items"]} == {"УК Первая"}
    others = await served.call(
        "GET", "/service-areas", served.agency(FIRST), params={"organisation": str(SECOND)}
    )
    assert others["items"] == []
    every = await served.call("GET", "/service-areas", served.mint.headers("coordinator"))
    other = next(area for area in every["items"] if area["organisation"]["id"] == str(SECOND))
    await served.call("GET", f"/service-areas/{other['id']}", served.agency(FIRST), 404)
    await served.call("GET", "/service-areas", served.mint.headers("portal"), 403)
