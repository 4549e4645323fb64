"""The demo region is filled with believable work: through the public API, nothing refused, figures as they were written, once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from harness import system as systems
from harness.system import System
from otklik.demo_data.calendar import ZONE
from otklik.demo_data.filling import write_cases
from otklik.demo_data.identity import find_span, import_id_of
from otklik.demo_data.past import Span
from otklik.demo_data.region import read_region
from otklik.demo_data.story import read_story
from otklik_client.models import ExportedReference
from tests.journeys.steps import until


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system of its own: works and half a year of appeals would be in the way of all other journeys."""
    with systems.running(tmp_path_factory.mktemp("demo")) as running:
        yield running


pytestmark = pytest.mark.in_order
SMALL = ("--months", "1", "--per-day", "4", "--seed", "5")


def demo_data(system: System) -> tuple[dict[str, Any], str]:
    """The command as somebody gives it beside `make run`; its JSON, and what it wrote for people."""
    command = [sys.executable, "-m", "otklik", "demo-data", *SMALL, "--yes", "--json"]
    place = ("--home", str(system.home), "--url", system.url)
    ended = subprocess.run([*command, *place], capture_output=True, text=True, timeout=600, check=False)
    assert ended.returncode == 0, ended.stderr
    result: dict[str, Any] = json.loads(ended.stdout)
    return result, ended.stderr


def listed(system: System, role: str, path: str, **params: str) -> list[dict[str, Any]]:
    """The items of a list of the region."""
    answer = system.account(role).get(path, params={"region": "46", "limit": "1000", **params})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def story_of(system: System) -> Span:
    """What the system remembers of it."""
    imports = system.account("admin").get("/api/v1/imports").json()["items"]
    ids = [item["id"] for item in imports]
    span = find_span(map(UUID, ids))
    assert span is not None
    assert str(import_id_of(span)) in ids
    return span


def received(system: System, span: Span) -> int:
    """What analytics counts on the days of the story before its last."""
    first, today = span.days[0], span.now.astimezone(ZONE).date()
    params = {"metric": "received", "grain": "day", "region": "46", "from": f"{first}", "to": f"{today}"}
    answer = system.account("analyst").get("/api/v1/analytics/timeseries", params=params).json()
    return int(sum(point["value"] or 0 for series in answer["series"] for point in series["points"]))


def test_the_demo_is_filled_once(system: System) -> None:
    result, _ = demo_data(system)
    assert result["refused"] == []
    span = story_of(system)
    reference = system.account("admin").get("/api/v1/reference/46").json()
    region = read_region("46", ExportedReference.model_validate(reference))
    cases = write_cases(read_story(), region, span)
    assert result["cases"] == len(cases)
    today = span.now.astimezone(ZONE).date()
    before = sum(case.letter.received_at.astimezone(ZONE).date() < today for case in cases)
    assert received(system, span) >= before > 0

    summary = system.account("analyst").get(
        "/api/v1/analytics/summary",
        params={"region": "46", "from": f"{span.days[0]}", "to": f"{today + timedelta(days=1)}"},
    )
    figures = summary.json()
    assert figures["breached"] >= sum(case.is_late for case in cases) > 0
    assert figures["reopened"] > 0
    assert 2 < figures["satisfaction"] < 5

    titles = {item["title"]: item for item in listed(system, "coordinator", "/api/v1/incidents")}
    burst = titles["Прорыв водопровода на улице Литовской"]
    assert (burst["status"], burst["appeals"] >= 5) == ("confirmed", True)
    works = {item["title"]: item["answered"] for item in listed(system, "coordinator", "/api/v1/works")}
    assert works["Отключение горячей воды"] > 20
    assert listed(system, "coordinator", "/api/v1/reviews")
    assert listed(system, "coordinator", "/api/v1/triage")
    assert len(listed(system, "coordinator", "/api/v1/moderation")) >= 5
    decisions = {item["decision"] for item in listed(system, "coordinator", "/api/v1/extensions")}
    assert decisions >= {None, "approve"}

    imports = len(listed_imports(system))
    again, words = demo_data(system)
    assert (again["status"], again["seed"]) == ("there", span.seed)
    assert "there already" in words
    assert len(listed_imports(system)) == imports


def test_an_interrupted_run_goes_on(system: System) -> None:
    """Where the last step is missing the same story is written again, and nothing of it is there twice."""
    demo_data(system)
    span = story_of(system)
    counted = received(system, span)
    (last,) = [
        item
        for item in listed(system, "coordinator", "/api/v1/works")
        if item["title"] == read_story().today.announced[-1].title
    ]
    coordinator = system.account("coordinator")
    ended = coordinator.request(
        "DELETE", f"/api/v1/works/{last['id']}", headers={"If-Match": str(last["version"])}
    )
    assert ended.status_code == 204, ended.text
    again, words = demo_data(system)
    assert (again["status"], again["refused"]) == ("written", [])
    assert "Going on" in words
    assert story_of(system) == span
    assert until(lambda: received(system, span) == counted)


def listed_imports(system: System) -> list[dict[str, Any]]:
    """All imports."""
    items: list[dict[str, Any]] = system.account("admin").get("/api/v1/imports").json()["items"]
    return items
