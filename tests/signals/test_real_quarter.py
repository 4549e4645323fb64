"""A real city's quarter: its storm is found on its day, its clerks are not, and little else is raised."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from datetime import date

import pytest

from signals import Case, Problem, cases_of, find_problems, forecast
from signals.points import NEVER, points_of
from tests.conftest import FULL
from tests.signals.boston import HOLIDAYS, Outbreak, kinds_of, plant

STORM, MIDDLE, FLOOD = date(2011, 10, 30), date(2011, 11, 16), date(2011, 12, 8)
NOBODY = (42.3594, -71.0587)  # where the form puts what has no address
Keep = Callable[..., None]


def test_the_storm_and_the_flood_of_comments_are_found_on_their_day(problems: list[Problem]) -> None:
    """A snowstorm brought down trees everywhere; five weeks later a campaign wrote 133 comments in a day."""
    trees = [each for each in problems if each.detected_on == STORM and each.type == "Tree Emergencies"]
    everywhere = next(each for each in trees if each.kind == "burst" and each.place is None)
    assert everywhere.observed > 20 * everywhere.expected
    assert any(each.type.startswith("General Comments") for each in problems if each.detected_on == FLOOD)


def test_a_quarter_raises_what_people_can_look_at(problems: list[Problem], proof: Keep) -> None:
    """Twenty bursts and twenty hot spots at most."""
    kinds = kinds_of(problems)
    proof(quarter=dict(kinds))
    assert 0 < kinds["burst"] <= 20
    assert 0 < kinds["hotspot"] <= 20


def test_either_half_finds_its_own_day(quarter: list[Case], proof: Keep) -> None:
    """With three weeks of a past and nothing of the other half."""
    for half, day in (
        (quarter_between(quarter, date.min, MIDDLE), STORM),
        (quarter_between(quarter, MIDDLE, date.max), FLOOD),
    ):
        raised = find_problems(cases_of(half), HOLIDAYS)
        proof(day=day, **kinds_of(raised))
        largest = max(raised, key=lambda each: each.observed / max(each.expected, 5))
        assert (largest.kind, largest.detected_on, largest.place) == ("burst", day, None)
        assert kinds_of(raised)["burst"] <= 10
        assert kinds_of(raised)["hotspot"] <= 10


def quarter_between(rows: list[Case], first: date, end: date) -> list[Case]:
    """Rows of days from the first to before the end."""
    return [row for row in rows if first <= row.at.date() < end]


def test_what_employees_enter_is_no_trouble(problems: list[Problem]) -> None:
    """They entered 96 potholes on 16 December and 57 new trees on the 19th."""
    entered = {"Pothole Repair (Internal)", "New Tree Requests", "Sidewalk Repair (Internal)"}
    assert not [each for each in problems if each.type in entered and each.detected_on.month == 12]


def test_a_default_point_is_no_hot_spot(quarter: list[Case], problems: list[Problem]) -> None:
    """Thousands of rows without an address lie on one point; none of the hot spots does."""
    cases = cases_of(quarter)
    defaults = points_of(cases).default_from < NEVER
    assert NOBODY in set(zip(cases.lat[defaults].tolist(), cases.lon[defaults].tolist(), strict=True))
    spots = [(each.lat, each.lon) for each in problems if each.kind == "hotspot"]
    assert spots
    assert all(lat is not None and lon is not None for lat, lon in spots)
    assert NOBODY not in [(round(lat or 0, 4), round(lon or 0, 4)) for lat, lon in spots]


def test_a_day_knows_only_its_past(quarter: list[Case], problems: list[Problem]) -> None:
    """Cut off in the middle of the storm's week, the quarter has raised the same."""
    end = date(2011, 11, 2)
    early = find_problems(cases_of([row for row in quarter if row.at.date() <= end]), HOLIDAYS)
    later = [each for each in problems if each.detected_on <= end]
    assert [(each.kind, each.type, each.place, each.observed) for each in early] == [
        (each.kind, each.type, each.place, each.observed) for each in later
    ]
    assert [each.p_value for each in early] == pytest.approx([each.p_value for each in later], rel=1e-6)


@pytest.mark.parametrize(
    ("size", "recall", "soon"),
    [
        pytest.param("small", 0.25, 0.1, marks=pytest.mark.full),
        pytest.param("middle", 0.6, 0.5, marks=pytest.mark.full),
        ("large", 0.95 if FULL else 0.85, 0.95 if FULL else 0.85),
    ],
)
def test_planted_outbreaks_are_found(
    quarter: list[Case], proof: Keep, size: str, recall: float, soon: float
) -> None:
    """Of outbreaks of one to seven days in one type and place at least so many, and so many within two days."""
    number, rounds = (10, 20) if FULL else (24, 1)
    chance = random.Random(f"outbreaks {size}")
    found = [each for _ in range(rounds) for each in _found_of(quarter, size, number, chance)]
    days = [day for _, day in found if day is not None]
    figures = {
        "recall": len(days) / len(found),
        "within_2_days": sum(day <= 2 for day in days) / len(found),
        "mean_days": round(sum(days) / max(len(days), 1), 2),
    }
    proof(size=size, outbreaks=len(found), **figures, **_by_length(found))
    assert figures["recall"] >= recall
    assert figures["within_2_days"] >= soon


def _found_of(
    rows: list[Case], size: str, number: int, chance: random.Random
) -> list[tuple[Outbreak, int | None]]:
    planted, outbreaks = plant(rows, size, number, chance)
    raised = find_problems(cases_of(planted), HOLIDAYS)
    return [(each, each.found(raised)) for each in outbreaks]


def _by_length(found: list[tuple[Outbreak, int | None]]) -> dict[str, float]:
    lengths = defaultdict(list)
    for outbreak, day in found:
        lengths[outbreak.days].append(day is not None)
    return {f"recall_{days}_days": round(sum(each) / len(each), 2) for days, each in sorted(lengths.items())}


def test_the_forecast_is_better_than_simple_ones_and_knows_how_sure_it_is(
    quarter: list[Case], proof: Keep
) -> None:
    """On the last third of the days; its levels add up."""
    forecasts = forecast(cases_of(quarter), HOLIDAYS, 7)
    assert forecasts is not None
    accuracy = forecasts.accuracy
    proof(
        method=accuracy.method,
        scaled_error=round(accuracy.scaled_error, 4),
        of_naive=round(accuracy.scaled_error / accuracy.naive_scaled_error, 4),
        of_median=round(accuracy.scaled_error / accuracy.median_scaled_error, 4),
        median_of_naive=round(accuracy.median_scaled_error / accuracy.naive_scaled_error, 4),
        coverage_90=round(accuracy.coverage_90, 4),
    )
    assert accuracy.naive_scaled_error == pytest.approx(1.169, abs=0.001)
    assert accuracy.median_scaled_error / accuracy.naive_scaled_error == pytest.approx(0.745, abs=0.005)
    assert accuracy.scaled_error <= 0.975 * accuracy.median_scaled_error
    assert 0.85 <= accuracy.coverage_90 <= 0.95
    totals: dict[tuple[date, str | None], float] = defaultdict(float)
    for each in forecasts.by_place:
        totals[each.day, each.type] += each.predicted
    for each in forecasts.tested:
        assert totals[each.day, each.type] == pytest.approx(each.predicted)
    in_all = {each.day: each.predicted for each in forecasts.outlook if each.type is None}
    for day, predicted in in_all.items():
        of_types = [
            each.predicted
            for each in forecasts.outlook
            if each.day == day and each.type and each.place is None
        ]
        assert sum(of_types) == pytest.approx(predicted)
        of_places = [each.predicted for each in forecasts.of_places if each.day == day]
        assert sum(of_places) == pytest.approx(predicted)
