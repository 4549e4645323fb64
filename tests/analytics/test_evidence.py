"""From a figure to the appeals behind it: as many as it counts, those it counts, and nobody else's."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from random import Random
from typing import Any

import h3
import pytest

from harness.tokens import TokenMint
from services.analytics.figures.rules.measures import MEASURES
from tests.analytics.arithmetic import (
    FROM,
    TO,
    Counted,
    appeals_counted,
    assignments_counted,
    between,
    due_between,
    figures_of,
    of_region,
)
from tests.analytics.conftest import Ask, Project
from tests.analytics.histories import BODIES, PLACES, Case
from tests.analytics.stories import events_of, live_cases

COUNTS = [key for key, measure in MEASURES.items() if measure.unit == "count" and not measure.is_stock]
FIELDS = {
    *("id", "assignment_id", "region", "received_at", "topic", "organisation", "municipality", "status"),
    *("due_at", "first_reaction_at", "answered_at", "topic_name", "organisation_name", "municipality_name"),
}


async def behind(ask: Ask, **parameters: object) -> list[dict[str, Any]]:
    """All pages of a list, seven at a time."""
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await ask("appeals", limit=7, cursor=cursor, **parameters)
        assert len(page["items"]) <= 7
        found += page["items"]
        cursor = page["next_cursor"]
    return found


@pytest.mark.parametrize("metric", COUNTS)
async def test_as_many_lie_behind_a_count_as_it_says(ask: Ask, cases: list[Case], metric: str) -> None:
    """Whatever is filtered, of appeals and of an organisation's assignments; nobody twice."""
    lying = between if MEASURES[metric].dated_by == "received_local" else due_between
    body = BODIES[1].id
    asked: list[tuple[dict[str, object], list[Counted]]] = [
        ({}, appeals_counted(cases)),
        ({"region": "25"}, of_region(appeals_counted(cases), "25")),
        ({"organisation": body}, assignments_counted(cases, body)),
    ]
    for filters, counted in asked:
        found = await behind(ask, metric=metric, from_=FROM, to=TO, **filters)
        assert len(found) == figures_of(lying(counted, FROM, TO))[metric], filters
        assert len({(item["id"], item["assignment_id"]) for item in found}) == len(found)
        order = [(item["region"], item["received_at"]) for item in found]
        by_region = [[at for region, at in order if region == each] for each in ("46", "25")]
        assert all(times == sorted(times, reverse=True) for times in by_region)
    whole = await ask("breakdown", metric=metric, by="region", from_=FROM, to=TO)
    assert len(await behind(ask, metric=metric, from_=FROM, to=TO)) == sum(
        each["value"] for each in whole["items"]
    )


async def test_behind_a_stock_is_what_waited_at_the_end(ask: Ask, cases: list[Case]) -> None:
    """Whenever it came."""
    for end in (TO, None):
        asked = {"metric": "unanswered_at_end", "from_": FROM, "to": end}
        whole = await ask("breakdown", by="region", **asked)
        assert len(await behind(ask, **asked)) == sum(each["value"] for each in whole["items"]) > 0
    assert cases


async def test_they_are_those_that_it_counts(ask: Ask, cases: list[Case]) -> None:
    """The very appeals, with what is known of them and no word of what they say."""
    counted = {str(one.case.id): one for one in appeals_counted(cases) if one.breached}
    found = {item["id"]: item for item in await behind(ask, metric="breached")}
    assert found.keys() == counted.keys()
    for id, item in found.items():
        one = counted[id]
        assert item.keys() == FIELDS
        assert item["topic"] == (one.topic.code if one.topic else None)
        assert item["organisation"] == (str(one.body.id) if one.body else None)
        assert item["municipality"] == one.place
        assert datetime.fromisoformat(item["received_at"]) == one.case.received_at
        for name, moment in (("first_reaction_at", one.reaction), ("answered_at", one.answered_at)):
            assert (item[name] and datetime.fromisoformat(item[name])) == moment
    statuses = Counter(item["status"] for item in await behind(ask))
    assert set(statuses) == {"withdrawn", "rejected", "answered", "reopened", "registered", "in_work"}
    assert statuses["withdrawn"] == sum(case.withdrawn for case in cases)


async def test_behind_a_median_are_those_it_is_made_of(ask: Ask, cases: list[Case]) -> None:
    """Those with an answer; and where the open ones count, all."""
    answered = [one for one in appeals_counted(cases) if one.answered_at is not None]
    assert len(await behind(ask, metric="median_hours_to_answer")) == len(answered)
    assert len(await behind(ask, metric="median_hours_to_answer_with_open")) == len(cases)


async def test_nobody_gets_anothers(app_client: Any, mint: TokenMint, projected: Project) -> None:
    """An organisation its own assignments, a municipal centre its own places, a region its own appeals."""
    made = live_cases(Random(8), 60)
    await projected(events_of(made))
    client, _ = await app_client("analytics")

    async def listed(role: str, query: str, **scope: Any) -> list[dict[str, Any]]:
        headers = mint.headers(role, ["46"], **scope)
        answer = await client.get(f"/api/v1/analytics/appeals?limit=1000&{query}", headers=headers)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    own = BODIES[0].id
    expected = of_region(assignments_counted(made, own), "46")
    found = await listed("agency", "region=46", organisation=own)
    assert {item["assignment_id"] for item in found} == {str(one.task.id) for one in expected if one.task}
    centre = PLACES["46"][0]
    for item in await listed("coordinator", "region=46", municipalities=[centre]):
        (case,) = [each for each in made if str(each.id) == item["id"]]
        assert centre in (case.stated_place, case.routed_place)
    assert {item["region"] for item in await listed("analyst", "region=46")} == {"46"}
    for query in ("region=25", f"region=46&organisation={BODIES[1].id}"):
        headers = mint.headers("agency", ["46"], organisation=own)
        assert (await client.get(f"/api/v1/analytics/appeals?{query}", headers=headers)).status_code == 403
    headers = mint.headers("analyst", ["46"])
    foreign = await client.get("/api/v1/analytics/appeals?region=46&cursor=AAAA", headers=headers)
    assert foreign.status_code == 400


@pytest.mark.parametrize("of_body", [False, True])
async def test_behind_a_cell_of_the_map_are_its_appeals(ask: Ask, cases: list[Case], of_body: bool) -> None:
    """As many as the map shows in it; of a measure, those of them that it counts."""
    filters: dict[str, object] = {"organisation": BODIES[1].id} if of_body else {}
    shown = (await ask("heatmap", resolution=5, **filters))["features"]
    assert shown
    for each in shown:
        found = await behind(ask, cell=each["id"], **filters)
        assert len({item["id"] for item in found}) == each["properties"]["received"]
    whole = {item["id"] for item in await behind(ask, metric="breached", **filters)}
    in_cell = await behind(ask, cell=shown[0]["id"], **filters)
    late = await behind(ask, cell=shown[0]["id"], metric="breached", **filters)
    assert {item["id"] for item in late} == {item["id"] for item in in_cell} & whole


async def test_what_the_map_does_not_show_lies_behind_no_cell(ask: Ask, cases: list[Case]) -> None:
    """Whoever asks cell by cell learns nothing of where a single appeal came from."""
    body: dict[str, object] = {"organisation": BODIES[1].id}
    shown = (await ask("heatmap", resolution=9, **body))["features"]
    there = {h3.latlng_to_cell(*each.point, 9) for each in cases if each.point}
    few = there - {each["id"] for each in shown}
    on_the_map = {str(each.id) for each in cases if each.point}
    placed = {item["id"] for item in await behind(ask, **body)} & on_the_map
    assert len(placed) > sum(each["properties"]["received"] for each in shown), "some lie where few do"
    for cell in sorted(few):
        assert await behind(ask, cell=cell, **body) == []


@pytest.mark.parametrize(
    "cell", ["8f2b9bc71ffffff", "000000000000000", "822b9ffffffffff", "8x", "892B9BC71FFFFFF"]
)
async def test_no_cell_of_a_map(app_client: Any, mint: TokenMint, cell: str) -> None:
    client, _ = await app_client("analytics")
    headers = mint.headers("federal", ["*"])
    answer = await client.get("/api/v1/analytics/appeals", params={"cell": cell}, headers=headers)
    assert answer.status_code == 422
