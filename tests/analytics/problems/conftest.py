"""A region that is looked through."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import httpx2
import pytest

from chassis.db import open_work
from chassis.resources import resources_in
from harness.tokens import TokenMint
from services.analytics.problems.actions.looking import look_at
from services.analytics.problems.actions.registering import Findings, register_findings
from services.analytics.problems.queries.runs import find_run
from services.analytics.problems.rules.looks import Look
from services.analytics.resources import AnalyticsResources
from services.analytics.statistics.rules.messages import Finding
from services.analytics.store.queries.stores import FactStore
from tests.analytics.conftest import Project
from tests.analytics.problems.town import LAST, PLACES, REGION, Report, events_of

Tell = Callable[[Sequence[Report]], Awaitable[None]]


@dataclass
class Centre:
    """A coordinator's client of the running service, which looks through the region when it is told to."""

    client: httpx2.AsyncClient
    resources: AnalyticsResources
    mint: TokenMint

    async def look(self, last: date = LAST, *, whole: bool = True) -> None:
        """As the worker does in the night after a day."""
        async with self.resources.sessions.begin() as session:
            run = await find_run(session, REGION)
        await look_at(self.resources, REGION, run, Look(last + timedelta(days=1), whole))

    async def get(self, path: str = "", role: str = "coordinator", **scope: Any) -> httpx2.Response:
        """A request for problems."""
        regions = ["*"] if role == "federal" else [REGION]
        headers = self.mint.headers(role, regions, **scope)
        return await self.client.get(f"/api/v1/analytics/problems{path}", headers=headers)

    async def problems(
        self, query: str = "", role: str = "coordinator", **scope: Any
    ) -> list[dict[str, Any]]:
        """The items of a list."""
        answer = await self.get(f"?limit=1000{query}", role, **scope)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    async def decide(
        self, problem: dict[str, Any], state: str, role: str = "coordinator", **body: Any
    ) -> httpx2.Response:
        """A person's word about a problem, in the version that was seen."""
        headers = self.mint.headers(role, [REGION]) | {"If-Match": str(problem["version"])}
        path = f"/api/v1/analytics/problems/{problem['id']}/state"
        return await self.client.post(path, headers=headers, json={"state": state, **body})


@pytest.fixture
async def centre(app_client: Any, mint: TokenMint) -> Centre:
    """The service, without its workers."""
    client, app = await app_client("analytics")
    return Centre(client, resources_in(app, AnalyticsResources), mint)


@pytest.fixture
async def tell(projected: Project) -> Tell:
    """`await tell(reports)`: facts know them."""

    async def project(reports: Sequence[Report]) -> None:
        events = list(events_of(reports))
        for start in range(0, len(events), 2000):
            await projected(events[start : start + 2000])

    return project


Find = Callable[..., Awaitable[list[dict[str, Any]]]]


@pytest.fixture
async def find(centre: Centre) -> Find:
    """`await find(finding, today=…)`: what statistics found is registered; then what the register holds."""

    async def register(*findings: Finding, today: date = LAST) -> list[dict[str, Any]]:
        async with centre.resources.sessions.begin() as session:
            await open_work(session)
            found = Findings(
                region=REGION,
                findings=findings,
                since=today - timedelta(days=400),
                fresh_from=today - timedelta(days=60),
                last_day=today,
                today=today,
            )
            await register_findings(session, FactStore(session), found)
        return await centre.problems()

    return register


def burst(start: date, **changed: Any) -> Finding:
    """Of three days from a day on, three times what was expected."""
    finding = Finding(
        kind="burst",
        topic="topic-1",
        municipality=PLACES[1],
        started_on=start,
        detected_on=start,
        last_on=start + timedelta(days=2),
        observed=30,
        expected=10,
        p_value=1e-6,
        q_value=1e-3,
    )
    return replace(finding, **changed)
