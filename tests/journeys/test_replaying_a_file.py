"""`otklik replay` of the real sample: everything registered, routed, dated, counted – once."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import system as systems
from tests.journeys.test_posting_an_appeal import until
from tests.system import System


@pytest.fixture(scope="module")
def empty_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A demo system that nobody else posts to."""
    with systems.running(tmp_path_factory.mktemp("replay")) as running:
        yield running


def otklik(system: System, *words: str) -> tuple[int, dict[str, Any]]:
    """Run the command line against the system; exit code and its JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "otklik", *words, "--json"],
        cwd=systems.PROJECT,
        env={**os.environ, "OTKLIK_URL": system.url, "OTKLIK_HOME": str(system.home)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    printed = done.stdout.strip()
    return done.returncode, json.loads(printed) if printed else {"stderr": done.stderr}


def counts(system: System) -> dict[str, dict[str, int]]:
    """What every service holds."""
    admin = system.account("admin")
    return {
        service: admin.get(f"/api/v1/operations/{service}/counts").json()["counts"]
        for service in ("intake", "routing", "sla", "analytics")
    }


def test_the_whole_sample_goes_through_and_a_second_time_creates_nothing(
    empty_system: System, samples: Path
) -> None:
    """1,963 rows: a number, a topic, an assignment or triage, a deadline, and sums that agree."""
    file = samples / "kursk_appeals.csv"
    with file.open(encoding="utf-8-sig", newline="") as handle:
        rows = sum(1 for _ in csv.DictReader(handle))
    assert rows == 1963
    code, result = otklik(empty_system, "replay", str(file))
    assert code == 0, result
    assert result["created"] == rows
    until(lambda: systems.drained(empty_system), 60)

    held = counts(empty_system)
    assert held["intake"]["appeals"] == rows
    assert held["intake"]["unmasked"] == 0
    assert held["routing"]["appeals"] == rows
    assert held["sla"]["appeals"] == rows
    assert held["analytics"]["appeals"] == rows
    assert held["routing"]["assignments"] == held["sla"]["assignments"] == held["analytics"]["assignments"]
    assert held["routing"]["assigned"] + held["routing"]["triage"] == held["routing"]["assignments"]

    numbers, without = [], []
    cursor = ""
    while True:
        page = (
            empty_system.account("coordinator")
            .get("/api/v1/appeals", params={"region": "46", "limit": 1000, "cursor": cursor})
            .json()
        )
        for appeal in page["items"]:
            numbers.append(int(appeal["number"].rsplit("-", 1)[1]))
            if not appeal["topic"] or not appeal["due_on"]:
                without.append(appeal["number"])
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert sorted(numbers) == list(range(1, rows + 1)), "numbers without gaps or doubles"
    assert without == [], "every appeal has a topic and a deadline"

    figures = empty_system.account("analyst").get("/api/v1/analytics/summary", params={"region": "46"}).json()
    assert figures["received"] == rows
    assert figures["assigned"] + figures["in_triage"] == rows

    code, again = otklik(empty_system, "replay", str(file))
    assert code == 0, again
    assert again["created"] == 0
    assert counts(empty_system) == held
    code, verified = otklik(empty_system, "verify")
    assert code == 0, verified
