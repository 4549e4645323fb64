"""Compose runs the same parts as the embedded runtime, each told what it needs and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from infra.container import RUNNING, environment_of, process_of
from infra.local.credentials import load_or_create_secrets
from infra.local.database import Server
from infra.local.paths import Home
from tests.conftest import PROJECT


def test_compose_has_a_container_for_every_part() -> None:
    text = (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")
    started = re.findall(r'"infra.container", "([a-z-]+)"', text)
    assert sorted(started) == sorted([*RUNNING, "prepare"])
    for part in RUNNING:
        assert f"subpath: {part}}}" in text, "its own environment, no other"


def test_a_worker_has_its_services_rights_and_the_gateway_knows_it(tmp_path: Path) -> None:
    secrets = load_or_create_secrets(Home.at(tmp_path / "h"))
    told = {part: environment_of(part, secrets, Server("postgres", 5432)) for part in RUNNING}
    front, work = told["intake"], told["intake-work"]
    assert front == work, "the same service; only the command line names the role"
    assert process_of("intake").command[-1] == "front"
    assert process_of("intake-work").command[-1] == "work"
    assert "nats://intake:" in work["OTKLIK_NATS_URL"]
    assert told["gateway"]["OTKLIK_UPSTREAM_INTAKE_WORK"] == "intake-work:8000"
    assert "OTKLIK_ENCRYPTION_KEY" not in told["sla"]
