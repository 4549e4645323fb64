"""Filling an empty system from the real samples: everything registered, routed, dated, counted – once."""

from __future__ import annotations

import csv
import gzip
import json
import os
import statistics
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from harness import system as systems
from harness.system import System
from tests.journeys.steps import until
from tests.sla.figures import tell

REDUCED = 700


@pytest.fixture(scope="module")
def empty_system(system: System, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A demo system that nobody else has posted to: the session's while it is still empty, else one of its own."""
    if counts(system)["intake"]["appeals"] == 0:
        yield system
        return
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


def all_is_readable(held: dict[str, dict[str, int]]) -> bool:
    """Whether followers of the feeds may read all that is there, which they may once no older transaction runs."""
    return all(part.get("feed") == part.get("feed_readable") for part in held.values())


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
    until(lambda: systems.drained(empty_system), 120)

    until(lambda: all_is_readable(counts(empty_system)), 60)
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


def read_history(file: Path) -> tuple[list[str], list[dict[str, str]]]:
    """The file's header and rows; all of them at full size."""
    with gzip.open(file, "rt", encoding="utf-8-sig", newline="") as handle:
        reader = csv.DictReader(handle)
        rows = list(reader)
    step = 1 if os.environ.get("OTKLIK_FULL") else len(rows) // REDUCED
    return list(reader.fieldnames or ()), rows[::step]


def shares(rows: Sequence[dict[str, str]], by: str) -> dict[str, tuple[int, int]]:
    """Plain arithmetic on the file's own strings: kept and broken due times by a column. Open cases are all overdue
    by now; those without a target count nowhere."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        if row["target_dt"]:
            in_time = bool(row["closed_dt"]) and row["closed_dt"] <= row["target_dt"]
            found[row[by]][not in_time] += 1
    return {key: (kept, broken) for key, (kept, broken) in found.items()}


def test_a_citys_history_gives_the_citys_own_figures(
    empty_system: System, samples: Path, tmp_path: Path
) -> None:
    """What analytics shows of an imported quarter equals what its file says, in all and for each type and body."""
    header, rows = read_history(samples / "boston311_2011q4.csv.gz")
    file = tmp_path / "boston.csv"
    with file.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, header)
        writer.writeheader()
        writer.writerows(rows)
    code, result = otklik(empty_system, "import-history", str(file), "--region", "77")
    assert code == 0, result
    assert (result["created"], result["refused"]) == (len(rows), 0)
    code, verified = otklik(empty_system, "verify")
    assert code == 0, verified

    analyst = empty_system.account("federal")

    def figures(metric: str, by: str) -> dict[str, Any]:
        params = {"region": "77", "metric": metric, "by": by}
        items = analyst.get("/api/v1/analytics/breakdown", params=params).json()["items"]
        return {item["name"]: item["value"] for item in items if item["value"] is not None}

    all_in_all = shares([row | {"all": ""} for row in rows], "all")[""]
    summary = analyst.get("/api/v1/analytics/summary", params={"region": "77"}).json()
    assert summary["received"] == len(rows)
    assert summary["breached"] == all_in_all[1]
    assert summary["in_time_share"] == pytest.approx(all_in_all[0] / sum(all_in_all), abs=1e-12)
    by_type = shares(rows, "type")
    assert figures("in_time_share", "topic") == pytest.approx(
        {kind: kept / (kept + broken) for kind, (kept, broken) in by_type.items()}, abs=1e-12
    )
    assert figures("breached", "topic") == {
        kind: by_type.get(kind, (0, 0))[1] for kind in {r["type"] for r in rows}
    }
    # Open cases of a body that the region does not have wait for a coordinator.
    answered = [row for row in rows if row["closed_dt"]]
    by_body = shares(answered, "department")
    assert figures("in_time_share", "organisation") == pytest.approx(
        {body: kept / (kept + broken) for body, (kept, broken) in by_body.items()}, abs=1e-12
    )
    assert figures("received", "organisation") == dict(Counter(row["department"] for row in answered))
    hours = sorted(
        (datetime.fromisoformat(row["closed_dt"]) - datetime.fromisoformat(row["open_dt"])).total_seconds()
        / 3600
        for row in answered
    )
    assert summary["median_hours_to_answer"] == pytest.approx(statistics.median(hours), abs=1e-6)
    escalations = empty_system.account("admin").get(
        "/api/v1/escalations", params={"region": "77", "limit": 1000}
    )
    assert escalations.json()["items"] == [], "what was late before it came here climbs no ladder"
    code, again = otklik(empty_system, "import-history", str(file), "--region", "77")
    assert (code, again["created"], again["existing"]) == (0, 0, len(rows)), again
    code, undone = otklik(empty_system, "import-history", "--undo", result["import_id"])
    assert (code, undone["status"], undone["removed"]) == (0, "undone", len(rows)), undone
    code, verified = otklik(empty_system, "verify")
    assert code == 0, verified
    assert analyst.get("/api/v1/analytics/summary", params={"region": "77"}).json()["received"] == 0
    tell(
        "boston history", rows=len(rows), kept=all_in_all[0], broken=all_in_all[1], types=len(by_type),
        bodies=len(by_body), in_time_share=summary["in_time_share"], import_seconds=result["seconds"],
    )  # fmt: skip
