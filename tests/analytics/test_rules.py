"""Pure arithmetic: periods, points, cells."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import get_args

import h3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.analytics.facts.rules.projections import cell_of
from services.analytics.facts.rules.working_time import working_seconds
from services.analytics.maps.rules import Box, name_of, ring_of
from services.analytics.store.rules.periods import (
    Grain,
    Period,
    count_points,
    next_start,
    points_between,
    start_of,
)
from tests.analytics.arithmetic import working_hours


def local(year: int, month: int, day: int) -> datetime:
    """Midnight on a wall clock."""
    return datetime.combine(date(year, month, day), time())


DATES = st.dates(date(1950, 1, 1), date(2150, 1, 1))


@settings(deadline=None)
@given(
    start=st.datetimes(local(2023, 12, 20), local(2026, 12, 31)),
    length=st.timedeltas(timedelta(0), timedelta(days=40)),
    rest=st.timedeltas(timedelta(0), timedelta(days=40)),
)
def test_working_time_is_that_of_the_calendar_day_by_day(
    start: datetime, length: timedelta, rest: timedelta
) -> None:
    """Over holidays, moved days off and the turn of the year; parts add up, and it never goes back."""
    start = start.replace(microsecond=0)
    end, later = (start + each for each in (length, length + rest))
    end, later = end.replace(microsecond=0), later.replace(microsecond=0)
    counts = [working_seconds(at) for at in (start, end, later)]
    assert counts == sorted(counts)
    assert (counts[1] - counts[0]) / 3600 == pytest.approx(working_hours(start, end))


def test_working_time_stands_still_beyond_what_can_be() -> None:
    """Slips of the year cost nothing and break nothing."""
    assert working_seconds(local(1, 1, 1)) == working_seconds(local(1991, 1, 1))
    assert working_seconds(local(9999, 12, 31)) == working_seconds(local(2051, 1, 1)) > 0


@given(start=DATES, days=st.integers(1, 4000))
def test_the_previous_period_is_as_long_and_ends_where_this_one_begins(start: date, days: int) -> None:
    """Never a gap, never an overlap."""
    period = Period(start, start + timedelta(days=days))
    previous = period.previous()
    assert previous is not None
    assert previous.end == start
    assert previous.start is not None
    assert (previous.end - previous.start).days == days


@pytest.mark.parametrize("period", [Period(), Period(start=date(2026, 1, 1)), Period(end=date(2026, 1, 1))])
def test_an_open_period_has_no_previous(period: Period) -> None:
    """There is no length to go back by."""
    assert period.previous() is None


@given(start=DATES, days=st.integers(0, 400), grain=st.sampled_from(get_args(Grain)))
def test_points_follow_each_other_and_hold_the_period(start: date, days: int, grain: Grain) -> None:
    """The first holds `from`, the last ends at `to` or later, and the bound holds."""
    end = start + timedelta(days=days)
    points = points_between(start, end, grain)
    assert len(points) <= count_points(start, end, grain)
    assert all(next_start(a, grain) == b for a, b in pairwise(points))
    if days:
        assert points[0] <= datetime.combine(start, datetime.min.time()) < next_start(points[0], grain)
        assert points[-1] < datetime.combine(end, datetime.min.time()) <= next_start(points[-1], grain)
        assert all(start_of(point, grain) == point for point in points)


@given(lat=st.floats(-89.9, 89.9), lon=st.floats(-180, 180))
def test_cells_are_those_of_h3_and_their_rings_are_closed(lat: float, lon: float) -> None:
    """Also across the 180th meridian: no ring spans the globe."""
    cell = cell_of(lat, lon)
    assert cell is not None
    assert name_of(cell) == h3.latlng_to_cell(lat, lon, 9)
    ring = ring_of(cell)
    assert ring[0] == ring[-1]
    assert max(x for x, _ in ring) - min(x for x, _ in ring) <= 180


@pytest.mark.parametrize(
    ("lat", "lon"), [(91.0, 0.0), (0.0, 181.0), (float("nan"), 0.0), (0.0, float("inf"))]
)
def test_a_place_that_is_none_has_no_cell(lat: float, lon: float) -> None:
    """A wrong place never stops an appeal from being counted."""
    assert cell_of(lat, lon) is None


def test_a_box_may_cross_the_180th_meridian() -> None:
    """Chukotka has both signs."""
    box = Box(170, 60, -165, 72)
    assert box.holds(65, 179)
    assert box.holds(65, -170)
    assert not box.holds(65, 0)
    assert not box.holds(50, 179)
