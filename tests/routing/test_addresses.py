"""Streets and houses in whatever way they are written; and who serves them."""

from __future__ import annotations

from datetime import date
from functools import partial
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.reference.rules.addresses import read_address, read_street, read_text
from services.routing.reference.rules.houses import (
    HOUSE,
    RANGE,
    STREET,
    House,
    nearness_of,
    read_house,
    read_houses,
)
from services.routing.reference.rules.service_areas import StreetArea, find_house, serve
from tests.effort import least_seconds

KURSK = "38701000"
DAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    ("written", "street", "house"),
    [
        ("ул. Ленина, д. 5 к. 2 кв. 7", "улица Ленина", "5к2"),
        ("Ленина 12", "Ленина", "12"),
        ("пр-т Хрущева 5а", "проспект Хрущева", "5а"),
        ("пр-т Хрущёва, 5-А, кв. 3", "проспект Хрущева", "5а"),
        ("3-й Агрегатный переулок 12/1", "переулок 3-й Агрегатный", "12/1"),
        ("переулок Агрегатный 3-й, 12", "3 Агрегатный пер.", "12"),
        ("г. Курск, ул. Карла Маркса, 66/5", "улица К. Маркса", "66/5"),
        ("Курск, Ленина, 12", "Ленина", "12"),
        ("г Курск ул Советская д 5", "Советская улица", "5"),
        ("Советская ул., 5-7", "улица Советская", "5"),
        ("ул. 50 лет Октября, 12", "улица 50 лет Октября", "12"),
        ("улица 8 Марта 5 а, кв 3", "улица 8 Марта", "5а"),
        ("Ленинский проспект, дом №5", "проспект Ленинский", "5"),
        ("проспект Победы 12 корп 3", "проспект Победы", "12к3"),
        ("305000, Курская область, город Курск, улица Дзержинского, 21", "ул. Дзержинского", "21"),
        ("ул. Ленина, 5 стр. 1", "ул Ленина", "5с1"),
        ("д. Мокрецы, ул. Садовая, д. 5", "Садовая ул.", "5"),
        ("УЛ.ЛЕНИНА,Д.5", "улица Ленина", "5"),
    ],
)
def test_an_address_is_read_as_people_write_it(written: str, street: str, house: str) -> None:
    found = read_address(written)
    assert found is not None
    assert found.street.is_same(read_street(street))
    assert str(found.house) == house


@pytest.mark.parametrize(
    "written", ["", "Курск, улица Ленина", "с. Беседино, 5", "остановка «Парк»", "Курский район", "дом 5"]
)
def test_without_a_street_and_a_house_there_is_no_address(written: str) -> None:
    assert read_address(written) is None


@pytest.mark.parametrize(
    ("text", "house"),
    [
        ("Живу на улице Ленина в доме 5, нет света", "5"),
        ("Нет воды по адресу: ул. Советская, д. 5 кв. 3", "5"),
        ("на проспекте Победы, дом 12 корпус 3 второй день темно", "12к3"),
        ("на ул. Ленина, 5.", "5"),
        ("на ул. Ленина 3 дня нет воды", None),
        ("ул. Ленина 5 и ул. Мира 7", None),
        ("ул Ленина около 22 дома", None),
        ("автобус 5 не приходит", None),
        ("напротив дома 5 яма", None),
    ],
)
def test_a_text_names_a_house_only_beyond_doubt(text: str, house: str | None) -> None:
    found = read_text(text)
    assert (str(found.house) if found else None) == house


@given(st.text(alphabet="улперд. ,-/0123456789абвк№", max_size=200))
def test_whatever_is_written_is_read_or_not(text: str) -> None:
    for found in (read_address(text), read_text(text)):
        assert found is None or found.street.key


def test_no_text_takes_long() -> None:
    for evil in ("а-" * 5000, "ул. " + "а-" * 5000, "ул. " * 2500, "1 " * 5000, "ул. а а а " * 1000):
        assert least_seconds(partial(read_text, evil)) < 0.5


NUMBERS = st.integers(1, 300)
HOUSES = st.builds(House, NUMBERS, st.sampled_from(["", "а", "/2", "к1", "бк2", "с3"]))


@given(HOUSES)
def test_a_house_is_read_as_it_is_shown(house: House) -> None:
    assert read_house(str(house)) == house
    assert nearness_of([str(house)], house) == HOUSE
    assert str(read_houses(str(house))) == str(house)


@given(HOUSES, NUMBERS, NUMBERS, st.sampled_from(["", " чётные", " нечетные", " even", " odd"]))
def test_a_range_covers_the_numbers_between_its_ends(house: House, one: int, two: int, parity: str) -> None:
    first, last = sorted((one, two))
    covered = first <= house.number <= last
    if parity:
        covered = covered and (house.number % 2 == 1) == (parity in (" нечетные", " odd"))
    assert nearness_of([f"{first}-{last}{parity}"], house) == (RANGE if covered else 0)
    assert read_houses(str(read_houses(f"{first}-{last}{parity}"))) == read_houses(f"{first}-{last}{parity}")
    assert nearness_of([], house) == STREET


@pytest.mark.parametrize("wrong", ["15-1", "abc", "", "5-а-7", "1..5", "дом"])
def test_what_is_no_house_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError):
        read_houses(wrong)


def area(company: int, street: str = "ул. Ленина", **more: object) -> StreetArea:
    """Houses of a company in Kursk."""
    read = read_street(street)
    fields: dict[str, object] = {
        "settlement": None,
        "houses": [],
        "valid_from": None,
        "valid_to": None,
        "municipality": KURSK,
        **more,
    }
    return StreetArea(
        region="46",
        organisation_id=UUID(int=company),
        service="management",
        street=street,
        street_key=read.key,
        street_kind=read.kind,
        **fields,  # type: ignore[arg-type]
    )


def companies(*areas: StreetArea, address: str = "ул. Ленина, 5", day: date = DAY) -> list[int]:
    asked = find_house("46", address, "", day)
    assert asked is not None
    served = serve(areas, asked)
    within = served.within(KURSK) if served else None
    return [each.int for each in within.companies("management")] if within else []


def test_the_nearest_statement_about_a_house_counts() -> None:
    whole, odd, named = area(1), area(2, houses=["1-15 нечётные"]), area(3, houses=["5", "7а"])
    assert companies(whole, odd, named) == [3]
    assert companies(whole, odd) == [2]
    assert companies(whole, odd, address="ул. Ленина, 6") == [1]
    assert companies(odd, area(4, houses=["3-9"])) == [2, 4], "two ranges are equally near"
    assert companies(named, address="ул. Ленина, 7") == [], "7а is another house than 7"


def test_a_house_is_served_on_the_days_of_the_area_only() -> None:
    bounded = area(1, valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 1))
    assert companies(bounded) == [1]
    assert companies(bounded, day=date(2025, 12, 31)) == []
    assert companies(bounded, day=date(2026, 12, 1)) == []


def test_streets_of_one_name_are_not_confused() -> None:
    street, prospect = area(1, "ул. Мира"), area(2, "пр-т Мира")
    assert companies(street, prospect, address="проспект Мира 3") == [2]
    assert companies(street, prospect, address="Мира 3") == [], "nobody knows which"
    assert companies(street, address="Мира 3") == [1]
    assert companies(area(3, settlement="Беседино"), address="с. Беседино, ул. Ленина, 5") == [3]
    assert companies(area(3, settlement="Беседино")) == []
    assert companies(area(3, settlement="Беседино"), address="в Беседине, ул. Ленина, 5") == [3]
    assert companies(area(3, settlement="Лен")) == [], "a part of a word names no settlement"
    assert companies(area(4, municipality="38705000")) == [], "another town has a street of this name"
