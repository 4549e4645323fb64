"""Who may ask about what, and what makes no sense: 403 or 422, never 500."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from harness.tokens import TokenMint
from services.analytics.figures.schemas import Figures
from tests.analytics.arithmetic import assignments_counted, figures_of
from tests.analytics.conftest import Project
from tests.analytics.histories import BODIES
from tests.analytics.stories import events_of, live_cases

ROUTES = (
    "summary",
    "timeseries",
    "breakdown?by=topic",
    "heatmap",
    "ranking?by=organisation",
    "export",
    "export?figures=appeals",
    "appeals",
    "report",
    "measures",
)
SCOPED = ROUTES[:-1]


@pytest.fixture
async def client(app_client: Any) -> Any:
    """The service's HTTP client."""
    opened, _ = await app_client("analytics")
    return opened


def url(route: str, query: str = "") -> str:
    """A route of analytics with a query."""
    joined = "&" if "?" in route else "?"
    return f"/api/v1/analytics/{route}{joined if query else ''}{query}"


async def test_nobody_and_portals_see_nothing(client: Any, mint: TokenMint) -> None:
    """401 without a token, 403 for a portal, before anything else is looked at."""
    for route in ROUTES:
        for query in ("region=46", "region=nonsense"):
            assert (await client.get(url(route, query))).status_code == 401
            answer = await client.get(url(route, query), headers=mint.headers("portal"))
            assert answer.status_code == 403
            assert answer.headers["content-type"] == "application/problem+json"


REGIONS = [
    ("coordinator", ["46"], "region=46", 200),
    ("coordinator", ["46"], "region=59", 403),
    ("coordinator", ["46"], "", 422),
    ("analyst", ["46", "59"], "region=59", 200),
    ("analyst", ["46"], "region=25", 403),
    ("analyst", ["46"], "", 422),
    ("federal", ["*"], "", 200),
    ("federal", ["*"], "region=25", 200),
    ("federal", ["*"], "region=00", 422),
    ("admin", ["*"], "", 200),
    ("admin", ["46"], "", 200),
    ("admin", ["46"], "region=59", 403),
]


async def test_regions(client: Any, mint: TokenMint) -> None:
    """One's own; all of them for the federal centre and administrators."""
    for role, regions, asked, status in REGIONS:
        for route in SCOPED:
            answer = await client.get(url(route, asked), headers=mint.headers(role, regions))
            assert answer.status_code == status, (role, regions, asked, route, answer.text)


async def test_an_agency_sees_itself_only(client: Any, mint: TokenMint) -> None:
    """Another organisation 403, another region 403, no region 422."""
    own = BODIES[0].id
    headers = mint.headers("agency", organisation=own)
    for query, status in (
        ("region=46", 200),
        (f"region=46&organisation={own}", 200),
        (f"region=46&organisation={uuid7()}", 403),
        ("region=59", 403),
        ("", 422),
    ):
        for route in SCOPED:
            assert (await client.get(url(route, query), headers=headers)).status_code == status, (
                route,
                query,
            )


async def test_an_agency_gets_the_figures_of_its_assignments(
    client: Any, mint: TokenMint, projected: Project
) -> None:
    """Whatever it asks for: its own organisation is forced on it."""
    cases = live_cases(Random(9), 60, ["46"])
    await projected(events_of(cases))
    own = BODIES[1].id
    headers = mint.headers("agency", organisation=own)
    found = (await client.get(url("summary", "region=46"), headers=headers)).json()
    expected = figures_of(assignments_counted(cases, own))
    assert expected["received"]
    assert {key: found[key] for key in Figures.model_fields} == pytest.approx(
        {key: expected[key] for key in Figures.model_fields}
    )
    items = (await client.get(url("breakdown?by=organisation", "region=46"), headers=headers)).json()["items"]
    assert [item["key"] for item in items] == [str(own)]


async def test_a_region_bound_administrator_counts_its_regions(
    client: Any, mint: TokenMint, projected: Project
) -> None:
    """Without `region` an administrator of one region does not see the others."""
    cases = live_cases(Random(10), 30)
    await projected(events_of(cases))
    for regions in (["46"], ["25"], ["46", "25"], ["*"]):
        found = (await client.get(url("summary"), headers=mint.headers("admin", regions))).json()
        assert found["received"] == sum(case.region in regions or regions == ["*"] for case in cases)


NONSENSE = [
    "from=2026-13-01",
    "from=2026-02-30",
    "from=yesterday",
    "from=1700000000",
    "from=0",
    "from=2026-01-01T00:00:00",
    "from=1899-12-31",
    "to=2201-01-01",
    "from=2026-02-01&to=2026-01-01",
    "from=2026-02-01&to=2026-02-01",
    "organisation=none",
    "municipality=1",
    "municipality=123456789",
    "municipality=٣٨٦٠٢٠٠٠",
    "topic=",
    "topic=%00",
    "topic=%ED%A0%80%00",
    "group=a%00b",
    f"topic={'x' * 129}",
    "channel=A%20B",
    "region=٤٦",
    "region=460",
    "region=46%0A",
]


async def test_nonsense_is_refused(client: Any, mint: TokenMint) -> None:
    """With a problem document, on every route."""
    for query in NONSENSE:
        separator = "" if query.startswith("region") else "region=46&"
        for route in SCOPED:
            answer = await client.get(url(route, separator + query), headers=mint.headers("analyst"))
            assert answer.status_code == 422, (route, query, answer.text)
            assert answer.json()["type"] == "/problems/invalid"


MORE_NONSENSE = [
    "timeseries?metric=none",
    "timeseries?metric=received%00",
    "timeseries?grain=year",
    "timeseries?group_by=text",
    "timeseries?grain=hour&from=2026-01-01&to=2027-01-01",
    "timeseries?grain=day&from=1900-01-01&to=2200-01-01",
    "timeseries?grain=week&from=1900-01-01&to=2200-01-01",
    "breakdown?by=none",
    "breakdown",
    "breakdown?by=topic&metric=count(*)",
    "timeseries?format=csv",
    "breakdown?by=topic&format=flat",
    "ranking?by=topic&format=rows",
    "export?format=xls",
    "export?figures=heatmap",
    "export?figures=breakdown",
    "export?figures=ranking&by=topic",
    "export?figures=ranking&by=organisation&metric=received",
    "export?metric=received",
    "export?figures=appeals&by=topic",
    "export?figures=timeseries&by=topic",
    "export?figures=timeseries&metric=none",
    "export?figures=timeseries&grain=day&from=1900-01-01&to=2200-01-01",
    "export?separator=,",
    "export?header=none",
    "heatmap?resolution=2",
    "heatmap?resolution=10",
    "heatmap?resolution=9999999999999999999999",
    "heatmap?bbox=1,2,3",
    "heatmap?bbox=nan,0,1,1",
    "heatmap?bbox=0,inf,1,1",
    "heatmap?bbox=0,10,1,5",
    "heatmap?bbox=-181,0,1,5",
    "heatmap?bbox=a,b,c,d",
    "heatmap?bbox=",
]


async def test_more_nonsense_is_refused(client: Any, mint: TokenMint) -> None:
    """Unknown measures, endless series, boxes that are none."""
    for request in MORE_NONSENSE:
        answer = await client.get(url(request), headers=mint.headers("federal", ["*"]))
        assert answer.status_code == 422, (request, answer.text)


async def test_long_periods_are_fine_where_they_cost_nothing(client: Any, mint: TokenMint) -> None:
    """Three centuries of months, and a summary whose previous period begins in 1600."""
    headers = mint.headers("federal", ["*"])
    everything = "from=1900-01-01&to=2200-01-01"
    assert (await client.get(url("summary", everything), headers=headers)).status_code == 200
    answer = await client.get(url("timeseries?grain=month", everything), headers=headers)
    assert answer.status_code == 200
    assert len(answer.json()["series"][0]["points"]) == 3600


async def test_only_administrators_send_the_log_again(client: Any, mint: TokenMint) -> None:
    """And not those of one region."""
    path = "/api/v1/operations/analytics/replay"
    for role in ("portal", "agency", "coordinator", "analyst", "federal"):
        headers = mint.headers(role, organisation=uuid7() if role == "agency" else None)
        assert (await client.post(path, headers=headers)).status_code == 403
    assert (await client.post(path, headers=mint.headers("admin", ["46"]))).status_code == 403
