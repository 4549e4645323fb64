"""The rules that problems and forecasts are made of, each by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nbinom

from signals import Case, cases_of, find_problems, forecast
from signals.batches import LOADED_ROWS, independent_rows
from signals.chronic import expected_of_places
from signals.day_classes import MONDAY, SUNDAY, calendar_of
from signals.discoveries import SURE, Discoveries
from signals.points import DEFAULT_ROWS, NEVER, points_of
from signals.predictors import weighted_median
from signals.scans import LOOKS, Recent, scan
from signals.tails import upper_tail

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@given(
    observed=st.integers(1, 60),
    expected=st.floats(0.05, 40),
    dispersion=st.floats(0.05, 2),
)
def test_the_tail_is_that_of_the_negative_binomial(observed: int, expected: float, dispersion: float) -> None:
    """Compared with the distribution itself."""
    variance = expected + dispersion * expected**2
    tail = upper_tail(np.array([float(observed)]), np.array([expected]), np.array([variance]))[0]
    assert tail == pytest.approx(nbinom.sf(observed - 1, 1 / dispersion, expected / variance), rel=1e-6)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(1e-8, 1), min_size=1, max_size=40))
def test_discoveries_are_those_of_benjamini_and_hochberg(values: list[float]) -> None:
    """On a single day: the largest p that is at most its rank's part of the share, or the day's own bound."""
    p_values = np.array(values)
    limit, q_values = Discoveries(0.1, 0.05).judge(p_values, p_values)
    ranked = sorted(values)
    passing = [p for rank, p in enumerate(ranked, 1) if p * len(values) / rank <= 0.1 and p < 0.2]
    assert limit == pytest.approx(max([*passing, min(0.05 / len(values), SURE)]))
    by_rank = [
        min(p * len(values) / rank for rank, p in enumerate(ranked, 1) if p >= value) for value in values
    ]
    small = p_values < 0.2
    assert (q_values[small] <= np.minimum(by_rank, 1)[small] * (1 + 1e-9)).all() or len(values) > small.sum()


def test_quiet_weeks_make_a_day_stricter() -> None:
    """The same p-value is a discovery among twenty tests, and none after weeks of tests that found nothing."""
    busy, quiet = Discoveries(0.1, 0.05), Discoveries(0.1, 0.05)
    one = np.array([0.004, *[0.9] * 19])
    assert busy.judge(one, one)[0] >= 0.004
    for _ in range(20):
        quiet.judge(np.full(20, 0.9), np.full(20, 0.9))
    assert quiet.judge(one, one)[0] < 0.004


def test_looks_at_seven_windows_count_as_three() -> None:
    """Of ordinary days the smallest of seven windows' p-values is as rare as the correction says, or rarer."""
    chance = np.random.default_rng(5)
    mean = np.full((20_000, 7), 4.0)
    counts = chance.poisson(mean).astype(float)
    recent = Recent(counts, mean, mean, np.full(20_000, 1e9))
    found = scan(recent, np.full(20_000, 7))
    assert LOOKS == 3
    for level in (0.05, 0.01, 0.002):
        assert (found.p_values <= level).mean() <= 1.25 * level


def test_holidays_are_sundays_and_what_follows_a_monday() -> None:
    """Thursday 23 February 2023 was a holiday, Friday the 24th worked."""
    calendar = calendar_of(date(2023, 2, 20), 7, {date(2023, 2, 23)})
    assert calendar.classes.tolist() == [0, 1, 2, SUNDAY, MONDAY, 5, 6]
    assert calendar.weekdays.tolist() == [0, 1, 2, 3, 4, 5, 6]


def case(seconds: float, **fields: object) -> Case:
    """A row so many seconds after noon."""
    values: dict[str, object] = {"type": "ямы", "place": "Центр", "source": "web", **fields}
    return Case(NOON + timedelta(seconds=seconds), **values)  # type: ignore[arg-type]


def test_one_sitting_is_one_sender() -> None:
    """Somebody walks down a street; two others write in between, elsewhere or much later."""
    walk = [case(70 * step) for step in range(8)]
    others = [case(100, place="Север"), case(20_000), case(30_000)]
    rows = cases_of([*walk, *others])
    assert independent_rows(rows).sum() == 1 + len(others)


def test_a_flood_is_no_sitting() -> None:
    """Forty rows within two hours are more than one person writes; nor do rows without a place belong together."""
    assert independent_rows(cases_of([case(150 * step) for step in range(40)])).all()
    assert independent_rows(cases_of([case(70 * step, place="") for step in range(8)])).all()


def test_officials_and_loads_do_not_count() -> None:
    """Rows of one second are a load where nobody says who is official; else the column decides."""
    load = [case(0) for _ in range(LOADED_ROWS)]
    assert independent_rows(cases_of([*load, case(9000)])).sum() == 1
    entered = [case(5000 + 1000 * step, official=True) for step in range(3)]
    assert independent_rows(cases_of([*load, *entered])).sum() == LOADED_ROWS
    days_only = [Case(datetime(2026, 3, 2, tzinfo=UTC), "ямы") for _ in range(20)]
    assert independent_rows(cases_of(days_only)).all()


def test_a_default_point_is_known_from_the_day_it_shows() -> None:
    """Twenty rows of eight types on one point; a crowded corner of one type is none."""
    rows = [
        Case(NOON + timedelta(days=number // 4), f"type {number % 8}", "", 55.75, 37.62)
        for number in range(DEFAULT_ROWS)
    ]
    corner = [Case(NOON, "lights", "", 55.8, 37.7) for _ in range(40)]
    cases = cases_of([*rows, *corner])
    known = points_of(cases).default_from
    assert set(known[cases.lat == 55.75].tolist()) == {(DEFAULT_ROWS - 1) // 4}
    assert (known[cases.lat == 55.8] == NEVER).all()


def test_places_are_compared_with_others_of_their_size() -> None:
    """Where types and places are independent everything is as expected; the double is not excused by itself."""
    even = np.outer([10.0, 20.0, 40.0], [1.0, 2.0, 3.0, 4.0])
    assert expected_of_places(even) == pytest.approx(even)
    uneven = even.copy()
    uneven[0, 3] *= 2
    assert expected_of_places(uneven)[0, 3] == pytest.approx(even[0, 3])


def test_a_weighted_median_lies_in_the_middle_of_the_weights() -> None:
    """Equal weights: the usual median; a heavy value draws it to itself."""
    values = np.array([[5.0, 1.0, 3.0]])
    assert weighted_median(values, np.ones(3))[0] == pytest.approx(3)
    assert weighted_median(values, np.array([10.0, 1.0, 1.0]))[0] > 4


def test_a_new_topic_is_named_once() -> None:
    """A type that nobody wrote of in two months, and six people did on one day."""
    old = [
        Case(NOON + timedelta(days=day, hours=hour), "ямы", "Центр")
        for day in range(60)
        for hour in (-3, 0, 4)
    ]
    new = [Case(NOON + timedelta(days=55, minutes=50 * step), "запах", "Центр") for step in range(-3, 3)]
    found = find_problems(cases_of([*old, *new]), frozenset())
    assert [(each.kind, each.type, each.observed) for each in found if each.kind == "new"] == [
        ("new", "запах", 6)
    ]
    assert not [each for each in found if each.type == "ямы"]


def test_few_days_have_no_forecast() -> None:
    """And no type of three hundred rows has none either."""
    rows = [Case(NOON + timedelta(days=day), "ямы") for day in range(20)]
    assert forecast(cases_of(rows), frozenset(), 7) is None
    assert forecast(cases_of([*rows, Case(NOON + timedelta(days=200), "ямы")]), frozenset(), 7) is None
    with pytest.raises(ValueError, match="no rows"):
        cases_of([])


def test_a_weekly_rhythm_is_predicted_without_error() -> None:
    """Ten rows every Monday, five on other days: known exactly, and sure of it, at any horizon."""
    rows = [
        Case(NOON + timedelta(days=day, minutes=row), "ямы", "Центр" if row % 2 else "")
        for day in range(92)
        for row in range(10 if (NOON + timedelta(days=day)).weekday() == MONDAY else 5)
    ]
    for horizon in (1, 7, 28):
        found = forecast(cases_of(rows), frozenset(), horizon)
        assert found is not None
        assert found.accuracy.scaled_error < 1e-6
        assert found.accuracy.coverage_90 == 1
        assert found.tested[-1].high - found.tested[-1].low <= 1  # by then errors are known at any horizon
        assert len({each.day for each in found.outlook}) == horizon
