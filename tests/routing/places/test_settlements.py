"""Settlements in texts and addresses of the demo region, in all cases, and what only looks like one."""

from __future__ import annotations

import csv
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otklik.demo_places import demo_directory
from otklik.ranking import demo_reference
from services.routing.placement.rules.locations import Location, locate
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.settlements import Settlement, make_directory
from tests.effort import least_seconds
from tests.routing.places.cases import DECOYS, SIX_CASES

DIRECTORY = demo_directory()
PLACES = demo_reference()
KINDS = {"г": ("г. ", "город "), "пгт": ("пгт ", "п. ", "посёлок "), "с": ("с. ", "село ")}


def find(text: str, address: str | None = None) -> Location:
    """Where it is."""
    return locate(PLACES, None, address, text)


def name_of(location: Location) -> str | None:
    """The settlement's."""
    return DIRECTORY.by_code[location.settlement].name if location.settlement else None


FORMS = [(name, form.replace("_", " ")) for name, forms in SIX_CASES.items() for form in forms.split()]


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_a_settlement_is_found_in_every_case(name: str, form: str) -> None:
    kind = next(each.kind for each in DIRECTORY.by_code.values() if each.name == name)
    for word in KINDS[kind]:
        for text in (f"{word}{form}", f"Нет воды, {word}{form}, вторые сутки", f"{word}{form}".upper()):
            assert name_of(find(text)) == name, text


UNIQUE = [each for each in DIRECTORY.by_code.values() if not each.namesakes and each.name != "Коренево"]


@pytest.mark.parametrize("settlement", UNIQUE, ids=lambda each: each.code)
def test_every_settlement_of_the_directory_is_found_with_its_kind(settlement: Settlement) -> None:
    found = find(f"Прошу отремонтировать дорогу: {settlement.called}, ул. Ленина")
    assert (found.municipality, found.settlement) == (settlement.municipality, settlement.code)
    assert find("Яма", f"Курская обл., {settlement.called}, д. 5").settlement == settlement.code


@pytest.mark.parametrize("text", DECOYS)
def test_what_only_looks_like_a_settlement_is_none(text: str) -> None:
    found = find(text)
    assert (found.municipality, found.settlement, found.contested) == (None, None, ())


@pytest.mark.parametrize(
    ("text", "address", "name"),
    [
        ("Живу в Тёткино, воды нет третий день", None, "Тёткино"),
        ("теткино сидит без света", None, "Тёткино"),
        ("Косиново, ул Школьная 4, нет воды", None, "Косиново"),
        ("Мусор", "Льгов Советская 5", "Льгов"),
        ("Мусор", "Льговский р-н, г. Льгов", "Льгов"),
        ("Железногорский район, г. Железногорск", None, "Железногорск"),
        ("г. Железногорск-2", None, "Железногорск"),
        ("жители Льгова просят", None, "Льгов"),
        ("в слободе Белой нет дороги", None, "Белая"),
        ("в горшечном нет врача", None, "Горшечное"),
        ("Кшень, вокзал", None, "Кшенский"),
        ("пос. им. Карла Либкнехта", None, "имени Карла Либкнехта"),
        ("Поныри Вторые", None, "2-е Поныри"),
        ("В Рыльском районе, с. Ивановское", None, "Ивановское"),
        ("В Ивановском нет света", "Рыльский район", "Ивановское"),
        ("езжу на работу в Курск, а живу в Прямицыно", None, "Прямицыно"),
        ("Лифт стоит", "Курчатов, Мира пр., 2", "Курчатов"),
        ("с. Коренево Кореневского района", None, "Коренево"),
        ("проспект Дериглазова, 20", None, "Курск"),
        ("Троицкое: пруд осушили", "Железногорский мун. округ", "Троицкое"),
        ("В с.Зорино Обоянского рна", None, "Зорино"),
    ],
)
def test_a_settlement_is_known_by_what_stands_around_it(text: str, address: str | None, name: str) -> None:
    assert name_of(find(text, address)) == name


def test_a_village_of_a_name_that_others_have_is_not_guessed() -> None:
    ivanovskoe = find("с. Ивановское, нет света")
    assert (ivanovskoe.municipality, ivanovskoe.unknown) == (None, "с. Ивановское")
    assert "с. Ивановское" in (ivanovskoe.doubt or "")
    students = find("В селе Студенок закрыли школу")
    assert (students.municipality, students.contested) == (None, ("38610000", "38634000"))
    assert find("В селе Студенок Рыльского района закрыли школу").municipality == "38634000"
    assert find("Свалка", "с. Солдатское, Ракитянский район").municipality is None


def test_a_council_names_its_district_unless_several_districts_have_one_of_its_name() -> None:
    assert find("Дьяконовский сельсовет не отвечает").municipality == "38628000"
    assert find("глава Рышковского сельсовета").contested == ("38610000", "38620000")
    assert find("Курский район, Рышковский сельсовет").municipality == "38620000"


def test_a_municipality_of_the_appeals_own_is_filled_up_by_the_settlement() -> None:
    found = locate(PLACES, "38604000", "пгт Тёткино, ул. Ленина", "Нет света в Обояни")
    assert (found.municipality, found.found_in, name_of(found)) == ("38604000", "appeal", "Тёткино")
    oboyan = locate(PLACES, "38626000", None, "в Обояни")
    assert (oboyan.municipality, name_of(oboyan)) == ("38626101", "Обоянь"), (
        "a town of its own in the district"
    )
    town = locate(PLACES, "38701000001", None, "яма")
    assert (town.municipality, name_of(town)) == ("38701000001", "Курск")


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(sorted(DIRECTORY.by_form)),
            st.sampled_from(
                [
                    "г.",
                    "с.",
                    "д.",
                    "в",
                    "из",
                    "район",
                    "районе",
                    "р-н",
                    "ул.",
                    "область",
                    ",",
                    ".",
                    "-",
                    "(",
                    "5",
                    "сельсовет",
                    "льговский",
                    "беловского",
                    "им.",
                    "А.В.",
                ]
            ),
            st.text(max_size=6),
        ),
        max_size=25,
    ).map(" ".join),
    st.booleans(),
)
def test_whatever_is_written_no_place_outside_the_directory_is_named(text: str, in_address: bool) -> None:
    found = find("", text) if in_address else find(text)
    assert found.municipality is None or found.municipality in PLACES.places
    assert set(found.contested) <= PLACES.places
    assert found.settlement is None or found.municipality is not None
    if found.settlement:
        assert found.municipality is not None
        assert DIRECTORY.by_code[found.settlement].lies_in(found.municipality)


@pytest.mark.parametrize(
    "piece", ["Курск ", "Курск - Курск ", "с. Ивановское ", "в Белой ", "ский сельсовет ", "а-ск "]
)
def test_settlements_are_looked_for_in_proportion_to_the_text(piece: str) -> None:
    assert least_seconds(lambda: find((piece * 10_000)[:10_000], (piece * 100)[:500])) < 1.0


def test_a_large_region_is_read_in_little_time_and_memory() -> None:
    """2,800 settlements and 10,000 streets: a few megabytes, and a text does not take longer for it."""
    letters = "бвгджзклмнпрст"
    names = [f"{a.upper()}о{b}е{c}ино" for a in letters for b in letters for c in letters][:2800]
    tracemalloc.start()
    directory = make_directory(
        [
            Settlement(
                f"46-{number}", name, "с", "38620000", lat=51 + number / 3000, lon=36.0, population=100
            )
            for number, name in enumerate(names)
        ],
        [(f"46-{number % 2744}", f"улица {names[number % 2000]}-{number}") for number in range(10_000)],
    )
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 15_000_000
    places = RegionReference("46", places=frozenset(("38620000",)), directory=directory)
    assert locate(places, None, None, f"в селе {names[7]}").settlement == "46-7"


def test_the_settlements_cost_little_time(samples: Path) -> None:
    """At most 60 µs a text more than districts alone: 156 → 165 µs on the sample when this was written."""
    with (samples / "kursk_appeals.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    without = RegionReference("46", places=PLACES.places, gazetteer=PLACES.gazetteer)
    more = min(_seconds(PLACES, texts) for _ in range(3)) - min(_seconds(without, texts) for _ in range(3))
    assert more / len(texts) < 120e-6, "twice the promise, for a busy machine"


def _seconds(places: RegionReference, texts: list[str]) -> float:
    started = time.process_time()
    for text in texts:
        locate(places, None, None, text)
    return time.process_time() - started
