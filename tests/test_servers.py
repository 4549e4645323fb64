"""Which servers tests get, and what they would be in containers: the same as docker-compose.yml runs."""

from __future__ import annotations

import inspect
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness import containers
from harness.containers import (
    MONITOR,
    NATS,
    POSTGRES,
    ContainerServers,
    container_servers,
    engine_answers,
    image_of,
    nats_definition,
    postgres_definition,
)
from harness.databases import PROJECT
from harness.servers import STARTS, VARIABLE, Servers, chosen_kind, scratch_servers
from infra.local.credentials import load_or_create_secrets
from infra.local.embedded import EmbeddedServers
from infra.local.paths import Home


@pytest.mark.parametrize(
    ("wish", "has_engine", "kind"),
    [
        ("auto", True, "containers"),
        ("auto", False, "embedded"),
        ("embedded", True, "embedded"),
        ("containers", False, "containers"),
    ],
)
def test_the_switch_decides(wish: str, has_engine: bool, kind: str) -> None:
    assert chosen_kind(wish, lambda: has_engine) == kind


def test_the_engine_is_asked_only_where_it_decides() -> None:
    def never() -> bool:
        raise AssertionError("asked")

    assert (chosen_kind("embedded", never), chosen_kind("containers", never)) == ("embedded", "containers")
    with pytest.raises(ValueError, match=f"{VARIABLE} is 'docker'"):
        chosen_kind("docker", never)


@pytest.mark.parametrize(
    ("answer", "there"), [(b"HTTP/1.1 200 OK\r\n\r\nOK", True), (b"HTTP/1.1 503 x\r\n\r\n", False)]
)
def test_an_engine_is_there_when_it_answers(
    answer: bytes, there: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = str(tmp_path / "engine")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{place}")
    assert engine_answers() is False, "nobody listens yet"
    with socket.socket(socket.AF_UNIX) as engine:
        engine.bind(place)
        engine.listen()

        def serve() -> None:
            caller, _ = engine.accept()
            with caller:
                assert caller.recv(100).startswith(b"GET /_ping ")
                caller.sendall(answer)

        with ThreadPoolExecutor(1) as pool:
            pool.submit(serve)
            assert engine_answers() is there
    monkeypatch.setenv("DOCKER_HOST", "tcp://192.0.2.1:2375")
    assert engine_answers() is False, "another machine's is none of ours"


@pytest.mark.parametrize("kind", ["embedded", "containers"])
def test_the_variable_is_followed(kind: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    started: list[Path] = []

    def start(folder: Path) -> Any:
        started.append(folder)
        return memoryview(b"")  # something to enter and leave

    monkeypatch.setenv(VARIABLE, kind)
    monkeypatch.setitem(STARTS, kind, start)
    with scratch_servers(tmp_path):
        assert started == [tmp_path]


def test_both_are_the_same_to_tests() -> None:
    wanted = {name for name in vars(Servers) if not name.startswith("_")}
    for kind in (EmbeddedServers, ContainerServers):
        assert wanted <= set(dir(kind)) | set(inspect.get_annotations(kind)), kind


def test_images_and_versions_are_those_of_compose() -> None:
    compose = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"]
    for service in ("postgres", "nats"):
        assert image_of(service) == compose[service]["image"]
        assert ":" in image_of(service), "a version"


class FakeContainer:
    """What testcontainers would be asked for."""

    made: dict[str, FakeContainer] = {}  # noqa: RUF012

    def __init__(self, image: str) -> None:
        self.image, self.ports, self.started = image, dict[str, Any](), False
        self.command: list[str] = []
        self.env: dict[str, str] = {}
        self.kwargs: dict[str, Any] = {}
        self.volumes: dict[str, tuple[str, str]] = {}
        FakeContainer.made[image.partition(":")[0]] = self

    def with_command(self, command: list[str]) -> FakeContainer:
        self.command = command
        return self

    def with_kwargs(self, **kwargs: Any) -> FakeContainer:
        self.kwargs = kwargs
        return self

    def with_envs(self, **env: str) -> FakeContainer:
        self.env = env
        return self

    def with_volume_mapping(self, host: str, container: str, mode: str) -> FakeContainer:
        self.volumes[container] = (host, mode)
        return self

    def __enter__(self) -> FakeContainer:
        self.started = True
        return self

    def __exit__(self, *_: object) -> None:
        self.started = False


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, FakeContainer]]:
    """The containers of a session, with nothing behind them."""

    async def prepare(*_: object) -> None:
        return None

    monkeypatch.setattr(containers, "DockerContainer", FakeContainer)
    monkeypatch.setattr(ContainerServers, "wait", lambda _: None)
    monkeypatch.setattr(containers, "prepare_database", prepare)
    with container_servers(tmp_path / "home") as servers:
        assert servers.database_url("intake", driver="postgresql").endswith("/otklik")
        assert all(container.started for container in FakeContainer.made.values())
        yield FakeContainer.made
    assert not any(container.started for container in FakeContainer.made.values())


def test_postgres_has_the_embedded_settings_and_a_port_of_this_machine(
    made: dict[str, FakeContainer],
) -> None:
    postgres = made["postgres"]
    assert postgres.image == image_of("postgres")
    assert {"jit=off", "fsync=off", "max_connections=100", "timezone=UTC"} <= set(postgres.command)
    assert postgres.env["POSTGRES_PASSWORD"]
    ((inside, (host, _)),) = postgres.ports.items()
    assert (inside, host) == (f"{POSTGRES}/tcp", "127.0.0.1")


def test_nats_has_a_user_per_service_and_syncs_what_it_acknowledges(made: dict[str, FakeContainer]) -> None:
    nats = made["nats"]
    file, mode = nats.volumes["/nats.conf"]
    configuration = json.loads(Path(file).read_text())
    assert mode == "ro"
    assert configuration["jetstream"] == {"store_dir": "/data", "sync_interval": "always"}
    assert {user["user"] for user in configuration["authorization"]["users"]} > {"intake", "routing", "sla"}
    assert nats.command == ["-c", "/nats.conf"]
    assert set(nats.ports) == {f"{NATS}/tcp", f"{MONITOR}/tcp"}
    assert nats.volumes["/data"][1] == "rw"


def test_definitions_stay_at_their_addresses(tmp_path: Path) -> None:
    """A killed broker comes back where it was: its ports are chosen before it is made."""
    home = Home.at(tmp_path / "home")
    secrets = load_or_create_secrets(home)
    assert all(port > 1024 for port in nats_definition(home, secrets).ports.values())
    assert postgres_definition(secrets).ports[POSTGRES] > 1024


@pytest.mark.skipif(not engine_answers(), reason="no Docker engine here")
def test_containers_really_start(tmp_path: Path) -> None:
    with container_servers(tmp_path / "home") as servers:
        servers.kill_nats()
        servers.start_nats()
