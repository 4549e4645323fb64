"""What an operator sees of a running system: its logs, and its metrics at one place."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from harness.system import System
from tests.journeys.steps import until

pytestmark = pytest.mark.system
# Postgres and NATS write in their own forms, `up` for people.
NOT_OURS = {"postgres.log", "nats-server.log", "up.log"}
# What is no failure while everything is just starting.
OF_A_START = ("The broker has no such stream yet.", "A part of the system is not reachable.")
WORKING = {"intake-work", "routing", "sla", "analytics"}
PARTS = {"gateway", "intake", "intake-work", "routing", "sla", "analytics", "web"}


def test_a_clean_start_is_json_and_tells_of_no_failure(system: System) -> None:
    logs = {file.name: file for file in (system.home / "log").glob("*.log") if file.name not in NOT_OURS}
    assert {f"{part}.log" for part in PARTS} | {"migration-sla.log"} <= logs.keys()
    lines = [line for file in logs.values() for line in _read(file)]
    assert len([line for line in lines if line["event"] == "listening"]) >= len(PARTS)
    assert all({"event", "level", "timestamp", "service"} <= line.keys() for line in lines)
    failed = [line for line in lines if line["event"] == "background task failed"]
    assert [line for line in failed if line["reason"] in OF_A_START] == []


def _read(file: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_every_process_is_measured_at_one_place(system: System) -> None:
    """And shows only what it counts itself."""
    assert system.http.get("/metrics/system").status_code == 401
    families = until(lambda: _once_all_count(system))
    names = [family.name for family in families]
    assert len(names) == len(set(names)), "the series of a metric stand together"
    samples = [sample for family in families for sample in family.samples]
    up = {sample.labels["job"]: sample.value for sample in samples if sample.name == "otklik_part_up"}
    assert up == dict.fromkeys(PARTS, 1.0)
    counting = {
        name: {sample.labels["job"] for sample in samples if sample.name == name} for name in (GAUGES)
    }
    assert counting["otklik_dead_letters"] == WORKING
    assert counting["otklik_consumer_lag"] == WORKING
    assert counting["otklik_outbox_backlog"] == {"intake-work", "routing", "sla"}
    assert counting["otklik_revocations_age_seconds"] == {"intake", *WORKING}
    assert counting["process_resident_memory_bytes"] == PARTS


GAUGES = (
    "otklik_dead_letters",
    "otklik_consumer_lag",
    "otklik_outbox_backlog",
    "otklik_revocations_age_seconds",
    "process_resident_memory_bytes",
)


def _once_all_count(system: System) -> list[Metric] | None:
    """The metrics, once every worker has looked at its consumers: it does so a moment after it has started."""
    families = list(_families(system))
    samples = [sample for family in families for sample in family.samples]
    looked = {sample.labels["job"] for sample in samples if sample.name == "otklik_consumer_lag"}
    return families if looked >= WORKING else None


def _families(system: System) -> Iterable[Metric]:
    answer = system.account("admin").get("/metrics/system")
    assert answer.status_code == 200, answer.text
    families: Iterable[Metric] = text_string_to_metric_families(answer.text)
    return families
