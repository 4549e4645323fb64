"""Compose runs the same parts as the embedded runtime, each told what it needs and nothing else."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.databases import PROJECT
from infra.container import RUNNING, USER, environment_of, prepare, process_of
from infra.local.credentials import load_or_create_secrets
from infra.local.database import Server
from infra.local.embedded import EmbeddedServers
from infra.local.paths import Home


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
    assert "OTKLIK_ENCRYPTION_KEY" not in told["analytics"]
    assert "OTKLIK_WORDS_KEY" not in told["sla"]
    assert told["sla"]["OTKLIK_WORDS_PUBLIC_KEY"] == secrets.words_public_key


PINNED = re.compile(r"^(python:3\.\d+\.\d+-slim-[a-z]+|postgres:\d+\.\d+-[a-z]+|nats:\d+\.\d+\.\d+-alpine)$")
GIVEN = {"prepare": ["CHOWN", "DAC_OVERRIDE"]}  # it gives folders to the parts' user


def compose() -> dict[str, dict[str, Any]]:
    services: dict[str, dict[str, Any]] = yaml.safe_load(
        (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")
    )["services"]
    return services


@pytest.mark.parametrize("name", sorted(compose()))
def test_no_container_has_a_right_it_does_not_need(name: str) -> None:
    service = compose()[name]
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) == GIVEN.get(name, [])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    assert "/tmp" in service["tmpfs"]
    assert not service.get("privileged")
    if name != "prepare":
        assert str(service.get("user", "of the image")).partition(":")[0] not in ("0", "root")


def test_base_images_are_named_by_their_full_version() -> None:
    dockerfile = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
    bases = re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)
    images = {service["image"] for service in compose().values()} - {"otklik:latest"}
    assert len(bases) == 2
    assert len(images) == 2
    for image in (*bases, *images):
        assert PINNED.match(image), image
    assert dockerfile.index("USER otklik") < dockerfile.index('CMD ["python"')


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give away folders")
def test_prepare_gives_the_broker_its_data(own_servers: EmbeddedServers, tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "jetstream").mkdir(parents=True)
    admin = own_servers.database_url(
        driver="postgresql"
    )  # of servers nobody else uses: roles get new passwords
    asyncio.run(prepare(tmp_path / "secrets", [data], admin))
    assert {(data / "jetstream").stat().st_uid, data.stat().st_uid} == {USER}
    assert (tmp_path / "secrets" / "nats" / "nats.conf").stat().st_uid == USER
