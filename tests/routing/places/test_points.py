"""Where a point on the map lies, and what it may decide."""

from __future__ import annotations

import pytest

from contracts.intake import Location as Point
from otklik.ranking import demo_reference
from services.routing.assignments.rules.steps import render_steps
from services.routing.placement.rules.locations import Location, explain_location, locate
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.settlements import Settlement, make_directory

PLACES = demo_reference()
IN_KURSK, IN_OBOYAN, NOWHERE = (
    Point(lat=51.75, lon=36.22),
    Point(lat=51.21, lon=36.28),
    Point(lat=52.2, lon=37.8),
)


def at(point: Point, text: str = "Яма на дороге", address: str | None = None) -> Location:
    """Where an appeal with a point is."""
    return locate(PLACES, None, address, text, point)


def test_a_point_speaks_where_the_words_are_silent() -> None:
    assert at(IN_KURSK) == Location("38701000", "point", settlement="38701000001")
    assert at(IN_OBOYAN) == Location("38626101", "point", settlement="38626101001")


def test_a_point_far_from_all_settlements_says_nothing() -> None:
    assert at(NOWHERE) == Location()


@pytest.mark.parametrize(("point", "noted"), [(IN_KURSK, True), (IN_OBOYAN, False), (NOWHERE, True)])
def test_a_named_place_outweighs_the_point_and_the_difference_is_noted(point: Point, noted: bool) -> None:
    found = at(point, "В Обояни на дороге яма")
    assert (found.municipality, found.found_in, found.settlement) == ("38626101", "text", "38626101001")
    assert bool(found.note) == noted
    words = render_steps(explain_location(found), PLACES, None)
    assert words[0] == "Место: Город Обоянь, г. Обоянь – названо в тексте."
    assert words[1:] == ([found.note] if noted else [])


def test_a_point_near_the_place_that_is_named_contradicts_nothing() -> None:
    """The fields of a district have no settlement near."""
    field = Point(lat=51.3, lon=36.5)
    assert at(field, "Обоянский район, свалка").note == ""


def test_a_place_that_nobody_knows_stays_unknown_whatever_the_point() -> None:
    assert at(IN_KURSK, "Свалка, с. Неизвестное").unknown == "с. Неизвестное"


def two_villages(**second: float) -> RegionReference:
    """A region with two villages of one name."""
    directory = make_directory(
        [
            Settlement("46-one", "Луговка", "с", "38620000", lat=51.70, lon=36.00, population=90),
            Settlement("46-two", "Луговка", "с", "38628000", population=90, **second),  # type: ignore[arg-type]
        ]
    )
    return RegionReference("46", places=frozenset(("38620000", "38628000")), directory=directory)


def test_a_point_chooses_among_villages_of_one_name() -> None:
    places = two_villages(lat=51.30, lon=36.50)
    assert locate(places, None, None, "В селе Луговка яма").contested == ("38620000", "38628000")
    found = locate(places, None, None, "В селе Луговка яма", Point(lat=51.33, lon=36.52))
    assert found == Location("38628000", "text", settlement="46-two")
    far = locate(places, None, None, "В селе Луговка яма", Point(lat=52.2, lon=35.2))
    assert far.contested == ("38620000", "38628000")


def test_a_point_halfway_between_two_municipalities_says_nothing() -> None:
    places = two_villages(lat=51.70, lon=36.03)
    assert locate(places, None, None, "Яма", Point(lat=51.70, lon=36.015)) == Location()
    assert locate(places, None, None, "Яма", Point(lat=51.70, lon=36.0)).municipality == "38620000"
