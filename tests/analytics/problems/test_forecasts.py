"""Forecasts of a region, as they are asked for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.forecasts import api
from services.analytics.forecasts.rules.scores import PastForecast, score
from services.analytics.forecasts.rules.warnings import deserves_warning
from tests.analytics.problems.conftest import Centre, Tell
from tests.analytics.problems.town import LAST, MEANS, PLACES, TOPICS, ordinary, planted

NEXT = LAST + timedelta(days=1)


@dataclass
class Clock:
    """When forecasts are asked for."""

    now: datetime


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """At noon of the first day that is foreseen."""
    asked = Clock(datetime.combine(NEXT, time(12), UTC))
    monkeypatch.setattr(api, "utc_now", lambda: asked.now)
    return asked


async def ask(centre: Centre, query: str, role: str = "coordinator", **scope: Any) -> Any:
    regions = ["*"] if role == "federal" else ["46"]
    headers = centre.mint.headers(role, regions, **scope)
    return await centre.client.get(f"/api/v1/analytics/forecasts?{query}", headers=headers)


async def test_levels_add_up_and_the_night_replaces_them(centre: Centre, tell: Tell) -> None:
    """A common topic so that something is judged; then a day that came as nobody expected."""
    await tell([*ordinary(46), *planted(3, 7, 0, 62, 0, PLACES[0])])
    await centre.look()
    whole = (await ask(centre, "region=46&horizon=28")).json()
    _are_sound(whole["items"])
    assert whole["made_on"] == str(NEXT)
    assert 0.7 <= whole["accuracy"]["coverage_90"] <= 1
    assert whole["accuracy"]["came_days"] == 0
    one = (await ask(centre, "region=46&topic=topic-0&horizon=3")).json()["items"]
    assert {each["level"] for each in one} == {"topic", "topic_municipality"}
    expected = MEANS[0] + 7
    city = [each["predicted"] for each in one if each["municipality"] == PLACES[0]]
    assert all(abs(each - expected) < 0.35 * expected for each in city)
    await _belong_to_who_may_see_them(centre)
    await tell(planted(4, 60, 62, 1, 0, PLACES[0]))
    await tell(planted(5, 1, 62, 1, 1, PLACES[0]))
    await centre.look(NEXT)
    after = (await ask(centre, "region=46")).json()
    assert after["made_on"] == str(NEXT + timedelta(days=1))
    assert after["accuracy"]["came_days"] == len(TOPICS)
    assert after["accuracy"]["came_coverage_90"] < 1


async def test_a_night_after_a_day_without_appeals(centre: Centre, tell: Tell) -> None:
    """The first of January of a small region: nobody wrote, and the days to come begin with the second all the same."""
    await tell([*ordinary(46), *planted(3, 7, 0, 62, 0, PLACES[0])])
    await centre.look()
    await centre.look(NEXT)
    found = (await ask(centre, "region=46")).json()
    assert found["made_on"] == str(NEXT + timedelta(days=1))
    assert min(each["day"] for each in found["items"]) == found["made_on"]
    assert found["accuracy"]["came_days"] == len(TOPICS)


async def test_no_day_is_foreseen_that_is_past(centre: Centre, tell: Tell, clock: Clock) -> None:
    """Between midnight and the night's look, and after nights that had none; by the region's clock."""
    await tell([*ordinary(46), *planted(3, 7, 0, 62, 0, PLACES[0])])
    await centre.look()
    for hours, first, past in ((20, 0, 0), (21, 1, 1), (24, 1, 1), (24 * 4, 4, 4), (24 * 8, 0, 7)):
        clock.now = datetime.combine(NEXT, time(), UTC) + timedelta(hours=hours)
        found = (await ask(centre, "region=46")).json()
        days = sorted({each["day"] for each in found["items"]})
        assert days == [str(NEXT + timedelta(days=first + at)) for at in range(7 - past)], hours
        near = (await ask(centre, "region=46&horizon=2")).json()
        assert sorted({each["day"] for each in near["items"]}) == days[:2]


def _are_sound(items: list[dict[str, Any]]) -> None:
    """A week, for the region is young, of each level; topics and municipalities are each the whole."""
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for each in items:
        assert 0 <= each["low"] <= each["high"]
        sums[each["level"], each["day"]] += each["predicted"]
    days = sorted({each["day"] for each in items})
    assert days == [str(NEXT + timedelta(days=at)) for at in range(7)]
    for day in days:
        for level in ("topic", "municipality"):
            assert abs(sums[level, day] - sums["region", day]) < 0.05


async def _belong_to_who_may_see_them(centre: Centre) -> None:
    own = {"municipalities": [PLACES[1]]}
    items = (await ask(centre, "region=46", "analyst", **own)).json()["items"]
    assert {each["municipality"] for each in items} == {PLACES[1]}
    assert {each["level"] for each in (await ask(centre, "", "federal")).json()["items"]} == {"region"}
    for query, role, status in (
        ("region=59", "coordinator", 403),
        ("", "analyst", 422),
        ("region=46&horizon=29", "coordinator", 422),
        ("region=46&horizon=0", "coordinator", 422),
        ("region=46", "portal", 403),
    ):
        assert (await ask(centre, query, role)).status_code == status, (query, role)


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 100))
def test_only_much_more_than_usual_is_a_warning(predicted: float, below: float, usual: float) -> None:
    low = max(predicted - below, 0)
    if deserves_warning(predicted, low, usual):
        assert predicted > usual
        assert predicted >= 3
    elif predicted >= 3:
        assert predicted <= 1.5 * usual
        assert low <= usual


def test_forecasts_are_judged_by_the_days_that_came() -> None:
    """Two days have come of the three predicted: one inside the interval."""
    made = date(2026, 9, 1)
    past = [PastForecast("t", made, [4.0, 4.0, 4.0], [2, 2, 2], [6, 6, 6])]
    observed = {("t", made): 5, ("t", made + timedelta(days=1)): 9}
    found = score(past, observed, made + timedelta(days=1))
    assert (found.days, found.coverage_90) == (2, 0.5)
    assert found.scaled_error == (1 + 5) / (5 + 9)
    assert score([], {}, made).coverage_90 is None
