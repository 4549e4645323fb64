"""Postgres and NATS of a test session in containers of this machine, with the images of docker-compose.yml."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import asyncpg
import yaml
from testcontainers.core.container import DockerContainer

from infra.local.credentials import Secrets, load_or_create_secrets
from infra.local.database import ADMIN, DATABASE, DRIVER, Server, prepare_database
from infra.local.nats import configuration
from infra.local.paths import Home
from infra.local.ports import free_port
from infra.local.postgres import SCRATCH_SETTINGS

COMPOSE = Path(__file__).resolve().parent.parent / "docker-compose.yml"
HOST = "127.0.0.1"
USUAL_ENGINE = "unix:///var/run/docker.sock"
POSTGRES, NATS, MONITOR = 5432, 4222, 8222
CONFIGURATION, STORE = "/nats.conf", "/data"
START_SECONDS = 60.0
# A container's shared memory is small, and its addresses are Docker's affair.
EMBEDDED_ONLY = frozenset({"dynamic_shared_memory_type"})


def image_of(service: str) -> str:
    """The image, with its version, that docker-compose.yml runs."""
    return str(yaml.safe_load(COMPOSE.read_text())["services"][service]["image"])


def engine_answers() -> bool:
    """Whether a Docker engine of this machine answers us, at DOCKER_HOST or its usual place."""
    scheme, _, place = os.environ.get("DOCKER_HOST", USUAL_ENGINE).partition("://")
    if scheme != "unix":
        return False
    try:
        with socket.socket(socket.AF_UNIX) as engine:
            engine.settimeout(3)
            engine.connect(place)
            engine.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return b" 200 " in engine.recv(64)
    except OSError:
        return False


@dataclass(frozen=True)
class Definition:
    """A container before it is made: `ports` maps those inside to those of this machine, which outlast a restart."""

    image: str
    command: tuple[str, ...]
    ports: Mapping[int, int]
    environment: Mapping[str, str] = field(default_factory=dict)
    volumes: Mapping[Path, tuple[str, str]] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

    def make(self) -> DockerContainer:
        """As testcontainers takes it; not started yet."""
        container = DockerContainer(self.image).with_command(list(self.command)).with_kwargs(**self.options)
        container.with_envs(**self.environment)
        published = cast(
            dict[str, Any], container.ports
        )  # testcontainers publishes to every interface by itself
        published |= {f"{inside}/tcp": (HOST, outside) for inside, outside in self.ports.items()}
        for folder, (place, mode) in self.volumes.items():
            container.with_volume_mapping(str(folder), place, mode)
        return container


def postgres_definition(secrets: Secrets) -> Definition:
    """With the settings of the embedded one for scratch data."""
    settings = {name: value for name, value in SCRATCH_SETTINGS.items() if name not in EMBEDDED_ONLY}
    return Definition(
        image=image_of("postgres"),
        command=(
            "postgres",
            *(word for name, value in settings.items() for word in ("-c", f"{name}={value}")),
        ),
        ports={POSTGRES: free_port()},
        environment={"POSTGRES_PASSWORD": secrets.database[ADMIN]},
        options={"shm_size": "256m"},
    )


def nats_definition(home: Home, secrets: Secrets) -> Definition:
    """One user per service, every event synced; its data lie in the home, where tests may lose them."""
    file = home.root / "nats.conf"
    file.write_text(
        configuration(
            secrets.nats,
            store=STORE,
            listen=f"0.0.0.0:{NATS}",
            monitor=f"0.0.0.0:{MONITOR}",
        )
    )
    home.nats.mkdir(exist_ok=True)
    return Definition(
        image=image_of("nats"),
        command=("-c", CONFIGURATION),
        ports={NATS: free_port(), MONITOR: free_port()},
        volumes={file: (CONFIGURATION, "ro"), home.nats: (STORE, "rw")},
        options={"user": f"{os.getuid()}:{os.getgid()}"},
    )


@dataclass(frozen=True)
class ContainerServers:
    """The same to tests as `EmbeddedServers`."""

    home: Home
    secrets: Secrets
    postgres_port: int
    nats_port: int
    monitor_port: int
    nats: DockerContainer

    def database_url(self, role: str = ADMIN, database: str = DATABASE, driver: str = DRIVER) -> str:
        """Roles: a part, `<part>_owner`, postgres."""
        server = Server(host=HOST, port=self.postgres_port)
        return server.url(role, self.secrets.database[role], driver=driver, database=database)

    def nats_url(self, user: str = "admin") -> str:
        """With the user's password."""
        return f"nats://{user}:{self.secrets.nats[user]}@{HOST}:{self.nats_port}"

    @property
    def nats_monitor_url(self) -> str:
        """Its health and figures."""
        return f"http://{HOST}:{self.monitor_port}"

    def kill_nats(self) -> None:
        """kill -9 of its process; returns when it is gone."""
        self.nats.get_wrapped_container().kill()
        self.nats.get_wrapped_container().wait()

    def start_nats(self) -> None:
        """After a kill; returns when it is healthy again, at the same address."""
        self.nats.get_wrapped_container().start()
        _wait(self._is_healthy, "NATS")

    def wait(self) -> None:
        """Until both answer."""
        _wait(self._lets_in, "Postgres")
        _wait(self._is_healthy, "NATS")

    def _is_healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.nats_monitor_url}/healthz", timeout=3) as answer:
                return bool(json.loads(answer.read())["status"] == "ok")
        except (urllib.error.URLError, OSError, ValueError):
            return False

    def _lets_in(self) -> bool:
        async def connect() -> None:
            url = self.database_url(ADMIN, database="postgres", driver="postgresql")
            await (await asyncpg.connect(url, timeout=3)).close()

        try:
            run_aside(connect())
        except (OSError, asyncpg.PostgresError, TimeoutError):
            return False
        return True


def run_aside(work: Any) -> None:
    """A coroutine to its end; an event loop may be running in this thread."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


def _wait(is_there: Any, name: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_there():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{name} does not answer from its container within {START_SECONDS:.0f} s")
        time.sleep(0.1)


@contextmanager
def container_servers(folder: Path) -> Iterator[ContainerServers]:
    """Both containers for the block, with all roles and schemas; the engine removes them also when we are killed."""
    home = Home.at(folder)
    secrets = load_or_create_secrets(home)
    postgres, nats = postgres_definition(secrets), nats_definition(home, secrets)
    with postgres.make(), nats.make() as broker:
        servers = ContainerServers(
            home,
            secrets,
            postgres.ports[POSTGRES],
            nats.ports[NATS],
            nats.ports[MONITOR],
            broker,
        )
        servers.wait()
        url = servers.database_url(ADMIN, database="postgres", driver="postgresql")
        run_aside(prepare_database(url, secrets))
        yield servers
