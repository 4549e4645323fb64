"""Which work an appeal comes from: geometry, streets, places, topics, words. Pure."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import cos, pi, sin
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from services.routing.reference.rules.areas import flaw_of, make_area
from services.routing.reference.rules.region_reference import KnownTopic, RegionReference
from services.routing.reference.rules.settlements import Settlement, make_directory
from services.routing.reference.rules.street_mentions import find_streets
from services.routing.reference.rules.works import KnownWork, StatedWork, index_works, know_work
from services.routing.works.rules.fitting import AskedAppeal, NamedPlace, contradicts, find_work
from services.routing.works.rules.subjects import asks_about_outage

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
KURSK, LGOV, DISTRICT = "38701000", "38705000", "38610000"
TOPICS = {
    "water": KnownTopic("water", "Водоснабжение", "utilities", "ЖКХ"),
    "heat": KnownTopic("heat", "Отопление", "utilities", "ЖКХ"),
    "holes": KnownTopic("holes", "Ямы на дорогах", "roads", "Дороги"),
}
DIRECTORY = make_directory(
    [
        Settlement("1", "Курск", "г", KURSK),
        Settlement("2", "Льгов", "г", LGOV),
        Settlement("3", "Будановка", "с", DISTRICT),
        Settlement("4", "Золотухино", "пгт", DISTRICT),
    ]
)
names = {code: (topic.name, topic.group) for code, topic in TOPICS.items()}
ring_of = st.lists(st.floats(0.1, 1.0), min_size=3, max_size=12)


def known(**changes: Any) -> KnownWork:
    """A cut of water in улица Ленина in Kursk."""
    stated: dict[str, Any] = {
        "id": uuid7(),
        "organisation_id": UUID(int=1),
        "title": "Отключение холодной воды",
        "kind": "outage",
        "topics": ["water"],
        "municipality": KURSK,
        "settlement": None,
        "streets": ["улица Ленина"],
        "area": None,
        "starts_at": NOW - timedelta(hours=1),
        "ends_at": NOW + timedelta(hours=1),
        **changes,
    }
    return know_work(StatedWork(**stated), names, DIRECTORY)


def asked(text: str = "на улице ленина нет воды", **changes: Any) -> AskedAppeal:
    """An appeal that comes from it."""
    fields: dict[str, Any] = {"ranked": [("water", 0.5), ("heat", 0.1)], **changes}
    return AskedAppeal(
        received_at=fields.pop("received_at", NOW),
        kind=fields.pop("kind", "problem"),
        importance=fields.pop("importance", "normal"),
        folded=text.lower(),
        text=text,
        **fields,
    )


def fits(work: KnownWork, appeal: AskedAppeal, place: NamedPlace = NamedPlace()) -> bool:
    reference = RegionReference("46", topics=TOPICS, directory=DIRECTORY, works=index_works([work]))
    return find_work(reference, appeal, lambda: place) is not None


@given(ring_of, st.floats(-0.99, 0.99), st.floats(0, 2 * pi))
def test_a_point_lies_in_a_star_as_far_as_its_ray_reaches(
    radii: list[float], share: float, turned: float
) -> None:
    """A star around a middle: on the ray to a corner a point is inside until the corner, and outside beyond it."""
    corners = [
        (36 + r * cos(2 * pi * n / len(radii) + turned), 51 + r * sin(2 * pi * n / len(radii) + turned))
        for n, r in enumerate(radii)
    ]
    ring = [*corners, corners[0]]
    area = make_area([[ring]])
    lon, lat = corners[0]
    near, far = (abs(share) * 0.98, 1.02 + abs(share))
    assert area.contains(51 + (lat - 51) * near, 36 + (lon - 36) * near)
    assert not area.contains(51 + (lat - 51) * far, 36 + (lon - 36) * far)
    hole = [(36 + (x - 36) * 0.999 * near, 51 + (y - 51) * 0.999 * near) for x, y in ring]
    if near > 0.01:
        assert not make_area([[ring, hole]]).contains(
            51 + (lat - 51) * near * 0.5, 36 + (lon - 36) * near * 0.5
        )
        assert make_area([[hole], [ring]]).contains(51 + (lat - 51) * near, 36 + (lon - 36) * near)
    assert flaw_of([[ring]]) is None


@given(ring_of.filter(lambda radii: len(radii) > 3), st.integers(0, 99), st.integers(0, 99))
def test_a_ring_that_crosses_itself_has_a_flaw(radii: list[float], one: int, other: int) -> None:
    """Two corners of a convex ring that are no neighbours change places."""
    count = len(radii)
    corners = [(36 + cos(2 * pi * n / count), 51 + sin(2 * pi * n / count)) for n in range(count)]
    first, second = one % count, other % count
    if abs(first - second) in (0, 1, count - 1) or count == 4:
        first, second = 0, 1
    corners[first], corners[second] = corners[second], corners[first]
    assert (flaw_of([[[*corners, corners[0]]]]) is None) == (count == 3)


def test_flat_and_open_rings_have_flaws() -> None:
    line = [(36.0, 51.0), (36.1, 51.1), (36.2, 51.2), (36.0, 51.0)]
    assert flaw_of([[line]]) is not None
    assert flaw_of([[[(36.0, 51.0), (36.1, 51.0), (36.1, 51.1), (36.0, 51.1)]]]) is not None
    assert flaw_of([[[(36.0, 51.0), (36.0, 51.0), (36.1, 51.1), (36.0, 51.1), (36.0, 51.0)]]]) is not None


def test_the_cut_is_known_by_time_kind_and_topic() -> None:
    work = known()
    assert fits(work, asked())
    for moment in (work.starts_at, work.ends_at):
        assert fits(work, asked(received_at=moment))
    instant = timedelta(microseconds=1)
    assert not fits(work, asked(received_at=work.starts_at - instant))
    assert not fits(work, asked(received_at=work.ends_at + instant))
    assert fits(work, asked(kind="question"))
    for changes in ({"kind": "thanks"}, {"kind": "proposal"}, {"kind": "nothing"}, {"importance": "danger"}):
        assert not fits(work, asked(**changes))
    assert fits(work, asked(ranked=[("heat", 0.2), ("holes", 0.1), ("water", 0.05)]))
    assert not fits(work, asked(ranked=[("heat", 0.5), ("holes", 0.1)]))
    assert not fits(work, asked(ranked=[("holes", 0.8), ("water", 0.05)])), "another topic is sure"
    assert fits(known(topics=["utilities"]), asked(ranked=[("heat", 0.4)])), "a topic of the group"
    assert not fits(known(topics=["roads"]), asked())


@pytest.mark.parametrize(
    ("text", "is_asked"),
    [
        ("На улице Ленина с утра сухо, воды нет", True),
        ("Улица Ленина, дом 5: когда включат воду?", True),
        ("На улице Ленина нет горячей воды", False),
        ("На улице Ленина не греют батареи, холод", False),
        ("На улице Ленина пришла квитанция за воду, начислили вдвое", False),
        ("Улица Ленина: вода есть, заявку отзываю, спасибо", False),
        ("На улице Ленина не вывозят мусор", False),
    ],
)
def test_words_have_to_bear_it_out(text: str, is_asked: bool) -> None:
    assert fits(known(), asked(text)) == is_asked
    assert asks_about_outage("нет воды")


CASES = [
    (NamedPlace(), True),
    (NamedPlace(KURSK), True),
    (NamedPlace(KURSK, "1"), True),
    (NamedPlace(LGOV), False),
    (NamedPlace(LGOV, "2"), False),
    (NamedPlace(open=True), False),
]


@pytest.mark.parametrize(("place", "allowed"), CASES)
def test_no_place_of_one_side_contradicts_the_other(place: NamedPlace, allowed: bool) -> None:
    assert fits(known(), asked(), place) == allowed
    assert fits(known(municipality=None), asked(), place), "a work that names no place is everywhere"
    of_settlement = known(municipality=None, settlement="Курск")
    assert fits(of_settlement, asked(), place) == allowed
    assert contradicts(of_settlement, place) != allowed


def test_whole_places_are_for_those_who_name_them() -> None:
    district = known(municipality=DISTRICT, streets=[])
    assert fits(district, asked(), NamedPlace(DISTRICT))
    assert fits(district, asked(), NamedPlace("38610412")), "a settlement's council lies in it"
    assert not fits(district, asked(), NamedPlace())
    village = known(municipality=DISTRICT, settlement="Будановка", streets=[])
    assert fits(village, asked(), NamedPlace(DISTRICT, "3"))
    assert not fits(village, asked(), NamedPlace(DISTRICT)), "the district has other villages"
    assert not fits(village, asked(), NamedPlace(DISTRICT, "4"))
    town = known(municipality=None, settlement="Курск", streets=[])
    assert fits(town, asked(), NamedPlace(KURSK)), "the town is all of its municipality"


STREETS = [
    ("На улице Ленина третий день нет воды", "улица Ленина"),
    ("ул.Ленина,д.5 сухо", "Ленина ул."),
    ("Живу на Московском проспекте 3", "проспект Московский"),
    ("(3-я Песчаная) без воды", "3-я Песчаная улица"),
    ("по 3-й Песчаной улице", "ул. Песчаная 3-я"),
    ("нет воды, Карла Маркса, третий день", "улица Карла Маркса"),
    ("в доме 12 по Карла Маркса 5", "К. Маркса"),
    ("проспект Никиты Хрущёва, 5", "проспект Никиты Хрущева"),
    ("улица Майский Бульвар, 7", "улица Майский бульвар"),
]


@pytest.mark.parametrize(("text", "street"), STREETS)
def test_streets_are_found_however_they_are_written(text: str, street: str) -> None:
    work = known(streets=[street])
    assert any(own.is_same(found) for own in work.streets for found in find_streets(None, text)), text
    assert fits(work, asked(f"{text}, нет воды"))


@pytest.mark.parametrize("text", ["площадь Ленина, 5", "памятник ленина снесли", "переулок Ленина"])
def test_another_kind_of_street_is_another_street(text: str) -> None:
    assert not fits(known(), asked(f"{text}: нет воды"))


@given(st.text(max_size=200), st.text(max_size=60))
def test_any_text_is_read(text: str, address: str) -> None:
    assert all(street.key for street in find_streets(address, text))


@given(st.permutations(range(6)))
def test_the_order_of_works_decides_nothing(order: list[int]) -> None:
    works = [known(id=UUID(int=n + 1), topics=["water"], streets=["улица Ленина"]) for n in range(4)]
    works += [known(id=UUID(int=9), streets=[]), known(id=UUID(int=8), topics=["utilities"])]
    reference = RegionReference("46", topics=TOPICS, works=index_works([works[n] for n in order]))
    fit = find_work(reference, asked(), lambda: NamedPlace(KURSK))
    assert fit is not None
    assert fit.work.id == UUID(int=1)


@pytest.mark.parametrize("size", [0.2, 3.0])
def test_a_point_in_the_area_fits_beside_streets_however_large_the_area_is(size: float) -> None:
    """A cut in a street and in all of the villages around it: who writes from a village names no street."""
    ring = [[36.0, 51.0], [36.0 + size, 51.0], [36.0 + size, 51.0 + size], [36.0, 51.0 + size], [36.0, 51.0]]
    work = known(municipality=None, area={"type": "Polygon", "coordinates": [ring]})
    inside, outside = (51.0 + size / 2, 36.0 + size / 2), (50.9, 35.9)
    assert fits(work, asked("у нас нет воды", point=inside))
    assert fits(work, asked(point=outside)), "in the street"
    assert not fits(work, asked("у нас нет воды", point=outside))


def test_hundreds_of_works_cost_next_to_nothing() -> None:
    """The fastest of several rounds, so that a busy machine changes nothing; a region without works: one look-up."""
    works = [known(streets=[f"улица Строителей {n}", f"переулок Северный {n}"]) for n in range(500)]
    full = RegionReference("46", topics=TOPICS, works=index_works(works))
    empty = replace(full, works=index_works([]))
    appeals = [asked(f"В доме номер {n} по улице Гагарина третий день нет воды") for n in range(200)]

    def microseconds(reference: RegionReference) -> float:
        rounds = []
        for _ in range(7):
            begun = time.perf_counter()
            for appeal in appeals:
                assert find_work(reference, appeal, NamedPlace) is None
            rounds.append((time.perf_counter() - begun) / len(appeals) * 1e6)
        return min(rounds)

    assert microseconds(empty) < 20
    assert microseconds(full) < 60  # 12 on a quiet machine
