"""Series cover their whole period and maps hide small cells, equal to plain arithmetic over the same histories."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import h3
import pytest

from chassis.db import open_all_rows
from chassis.resources import resources_in
from services.analytics.maps import queries as maps
from services.analytics.maps.queries import read_cells
from services.analytics.maps.rules import Box
from services.analytics.resources import AnalyticsResources
from services.analytics.store.queries.stores import FactStore
from services.analytics.store.rules.filters import EVERYTHING, Filter
from services.analytics.store.rules.periods import Period
from services.analytics.store.rules.questions import Question
from tests.analytics.arithmetic import (
    FROM,
    KEYS,
    TO,
    Counted,
    appeals_counted,
    between,
    figures_of,
    grouped,
    of_region,
)
from tests.analytics.conftest import Ask
from tests.analytics.histories import BODIES, Case

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")


def starts(one: Counted, grain: str) -> datetime:
    """The beginning of a row's step on its region's clock, naive."""
    local = one.case.local.replace(tzinfo=None, minute=0, second=0, microsecond=0)
    if grain == "hour":
        return local
    day = local.replace(hour=0)
    return {
        "day": day,
        "week": day - timedelta(days=day.isoweekday() - 1),
        "month": day.replace(day=1),
    }[grain]


@pytest.mark.parametrize(("grain", "points"), [("hour", 480), ("day", 20), ("week", 3), ("month", 1)])
async def test_series_cover_the_whole_period(ask: Ask, cases: list[Case], grain: str, points: int) -> None:
    """Zeros for counts, null for shares; beginnings carry the region's offset."""
    counted = between(of_region(appeals_counted(cases), "46"), FROM, TO)
    for metric in ("received", "in_time_share", "p90_hours_to_answer", "backlog"):
        found = await ask("timeseries", region="46", metric=metric, grain=grain, from_=FROM, to=TO)
        [line] = found["series"]
        assert (line["key"], line["name"]) == (None, "Всего")
        begun = [datetime.fromisoformat(point["at"]) for point in line["points"]]
        assert begun == sorted(set(begun))
        # FROM is a Friday, TO a Thursday: 7, 14, 21 and 28 September are the Mondays of four weeks.
        assert len(begun) == (4 if grain == "week" else points)
        assert {at.utcoffset() for at in begun} == {timedelta(hours=3)}
        parts: dict[datetime, list[Counted]] = defaultdict(list)
        for one in counted:
            parts[starts(one, grain)].append(one)
        for at, point in zip(begun, line["points"], strict=True):
            expected = figures_of(parts[at.replace(tzinfo=None)])[metric]
            assert point["value"] == pytest.approx(expected)


async def test_series_by_group(ask: Ask, cases: list[Case]) -> None:
    """Every line has every point; bodies count assignments."""
    for by in KEYS:
        found = await ask("timeseries", metric="received", group_by=by, grain="day", from_=FROM, to=TO)
        groups = {key: n for key, all_ in grouped(cases, by).items() if (n := len(between(all_, FROM, TO)))}
        sums = {line["key"]: sum(p["value"] for p in line["points"]) for line in found["series"]}
        assert sums == groups
        assert {len(line["points"]) for line in found["series"]} == {20}


async def test_an_open_series_goes_from_the_first_to_the_last_appeal(ask: Ask, cases: list[Case]) -> None:
    """Each appeal on its own region's clock; labels in Moscow time when regions are mixed."""
    [line] = (await ask("timeseries"))["series"]
    days = sorted(one.case.local.date() for one in appeals_counted(cases))
    at = [datetime.fromisoformat(point["at"]) for point in line["points"]]
    assert (at[0].date(), at[-1].date()) == (days[0], days[-1])
    assert [point["value"] for point in line["points"]] == [Counter(days)[moment.date()] for moment in at]
    assert at[0].utcoffset() == timedelta(hours=3)


async def test_a_series_of_nothing(ask: Ask) -> None:
    """No appeals: an empty line, or no lines."""
    [line] = (await ask("timeseries"))["series"]
    assert line["points"] == []
    [line] = (await ask("timeseries", from_=FROM, to=TO))["series"]
    assert [point["value"] for point in line["points"]] == [0] * 20
    assert (await ask("timeseries", group_by="topic"))["series"] == []
    assert (await ask("breakdown", by="topic"))["items"] == []
    assert (await ask("heatmap"))["features"] == []


@pytest.mark.parametrize("resolution", [5, 7, 8, 9])
async def test_the_map_hides_small_cells(ask: Ask, cases: list[Case], resolution: int) -> None:
    """Cells of H3's own library over the true places; fewer than five are not shown."""
    cells = Counter(h3.latlng_to_cell(*case.point, 9) for case in cases if case.point)
    coarse: Counter[str] = Counter()
    for cell, count in cells.items():
        coarse[h3.cell_to_parent(cell, resolution)] += count
    found = await ask("heatmap", resolution=resolution)
    shown = {feature["id"]: feature["properties"]["received"] for feature in found["features"]}
    assert shown == {cell: count for cell, count in coarse.items() if count >= 5}
    assert found["type"] == "FeatureCollection"
    [ring] = found["features"][0]["geometry"]["coordinates"]
    assert ring[0] == ring[-1]
    assert len(ring) == 7
    lon, lat = ring[0]
    assert 35 < lon < 133
    assert 43 < lat < 53


async def test_the_map_of_a_box_and_of_a_body(ask: Ask, cases: list[Case]) -> None:
    """A box keeps whole cells by their centre; a body's map counts each appeal once."""
    everywhere = await ask("heatmap", resolution=7)
    near_kursk = await ask("heatmap", resolution=7, bbox="35,51,37,52.5")
    ids = {feature["id"] for feature in near_kursk["features"]}
    assert ids == {
        feature["id"] for feature in everywhere["features"] if h3.cell_to_latlng(feature["id"])[1] < 100
    }
    assert 0 < len(ids) < len(everywhere["features"])
    body = BODIES[0].id
    holders = [
        case
        for case in cases
        if case.point and any(task.body and task.body.id == body for task in case.tasks)
    ]
    # The coarse cell of the fine one: H3's hierarchy is not exact at the edges.
    cells = [h3.latlng_to_cell(*case.point, 9) for case in holders if case.point]
    expected = Counter(h3.cell_to_parent(cell, 5) for cell in cells)
    found = await ask("heatmap", resolution=5, organisation=body)
    assert {f["id"]: f["properties"]["received"] for f in found["features"]} == {
        cell: count for cell, count in expected.items() if count >= 5
    }


async def test_a_map_that_is_too_large_is_not_fetched(
    app_client: Any, cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a box one more cell than may be drawn is enough to refuse it; a box is cut first."""
    _, app = await app_client("analytics")
    fetched: list[int] = []

    class Counting(FactStore):
        async def ask(self, kind: type[R], question: Question) -> list[R]:
            found = await super().ask(kind, question)
            fetched.append(len(found))
            return found

    everywhere = Filter(None, EVERYTHING, Period())
    async with resources_in(app, AnalyticsResources).reading_sessions() as session:
        await open_all_rows(session)
        store = Counting(session)
        assert len(await read_cells(store, everywhere, 7, None)) > 2
        monkeypatch.setattr(maps, "MOST_CELLS", 1)
        with pytest.raises(maps.TooManyCells):
            await read_cells(store, everywhere, 7, None)
        assert fetched[-1] == 2
        nowhere = Box(0, 0, 1, 1)
        assert await read_cells(store, everywhere, 7, nowhere) == []
    assert cases


async def test_flat_rows_are_the_same_figures(ask: Ask, cases: list[Case]) -> None:
    """`format=rows`: single values only, in the same order, beside `as_of` and definitions; without it nothing has changed."""
    assert cases
    asked = {"region": "46", "metric": "received", "from_": FROM, "to": TO}
    series = await ask("timeseries", group_by="channel", **asked)
    rows = await ask("timeseries", group_by="channel", format="rows", **asked)
    named = {"metric": "received", "metric_name": "Поступило"}
    assert rows["rows"] == [
        {"key": line["key"], "name": line["name"], **point, **named}
        for line in series["series"]
        for point in line["points"]
    ]
    breakdown = await ask("breakdown", by="topic", **asked)
    flat = await ask("breakdown", by="topic", format="rows", **asked)
    assert flat["rows"] == [{**item, **named} for item in breakdown["items"]]
    ranking = await ask("ranking", by="organisation", **asked | {"metric": "breached"})
    ranked = await ask("ranking", by="organisation", format="rows", **asked | {"metric": "breached"})
    named = {"metric": "breached", "metric_name": "Просрочено"}
    assert ranked["rows"] == [{**item, **named} for item in ranking["items"]]
    for usual, tabular in ((series, rows), (breakdown, flat), (ranking, ranked)):
        assert tabular.keys() == {"rows", "as_of", "definition"}
        assert tabular["definition"] == usual["definition"]
        assert "rows" not in usual
        assert tabular["rows"]
        assert not [
            value for row in tabular["rows"] for value in row.values() if isinstance(value, list | dict)
        ]
