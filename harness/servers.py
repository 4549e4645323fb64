"""Where tests get Postgres and NATS from: the embedded runtime, or containers where a Docker engine answers.

`OTKLIK_TEST_SERVERS` is `embedded`, `containers` or `auto`, the default: containers where there is an engine, embedded
servers otherwise. Tests of the embedded runtime itself and of the whole system start their own in any case.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Literal, Protocol, get_args

from harness.containers import container_servers, engine_answers
from infra.local.credentials import Secrets
from infra.local.embedded import embedded_servers
from infra.local.paths import Home

VARIABLE = "OTKLIK_TEST_SERVERS"
Kind = Literal["embedded", "containers"]


class Servers(Protocol):
    """What a test session needs of its servers, whoever runs them."""

    @property
    def home(self) -> Home:
        """The broker's data lie in its `nats`."""

    @property
    def secrets(self) -> Secrets:
        """Passwords by role and user."""

    def database_url(self, role: str = ..., database: str = ..., driver: str = ...) -> str:
        """For SQLAlchemy, or with driver="postgresql" for asyncpg itself."""

    def nats_url(self, user: str = ...) -> str:
        """For a service, or the admin."""

    @property
    def nats_monitor_url(self) -> str:
        """Its health and figures."""

    def kill_nats(self) -> None:
        """As a crash would; returns when it is gone."""

    def start_nats(self) -> None:
        """After a kill; returns when it is healthy again, at the same address."""


def admin_url(servers: Servers) -> str:
    """The superuser's, as `prepare_database` wants it."""
    return servers.database_url("postgres", database="postgres", driver="postgresql")


def chosen_kind(wish: str, has_engine: Callable[[], bool]) -> Kind:
    """What `OTKLIK_TEST_SERVERS` means here; the engine is asked only where it decides."""
    if wish in get_args(Kind):
        return "embedded" if wish == "embedded" else "containers"
    if wish != "auto":
        raise ValueError(f"{VARIABLE} is {wish!r}: embedded, containers or auto")
    return "containers" if has_engine() else "embedded"


STARTS: Mapping[Kind, Callable[[Path], AbstractContextManager[Servers]]] = {
    "embedded": lambda folder: embedded_servers(folder, scratch=True),
    "containers": container_servers,
}


@contextmanager
def scratch_servers(folder: Path) -> Iterator[Servers]:
    """Postgres with all roles and schemas, and NATS, for data that need not outlive a power cut."""
    kind = chosen_kind(os.environ.get(VARIABLE) or "auto", engine_answers)
    with STARTS[kind](folder) as running:
        yield running
