"""Postgres and NATS alone, for tests, to be killed and restarted: `with embedded_servers(home) as …`."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from infra.local.credentials import Secrets, load_or_create_secrets
from infra.local.database import DATABASE, DRIVER, prepare_database
from infra.local.nats import Nats
from infra.local.orphans import end_orphans
from infra.local.paths import Home
from infra.local.postgres import SCRATCH_SETTINGS, SETTINGS, Postgres

Result = TypeVar("Result")


class BackgroundLoop:
    """An event loop in a thread of its own, so that plain functions work inside and outside of one."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="otklik-embedded", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """The result of the work."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def close(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@dataclass(frozen=True)
class EmbeddedServers:
    """Both servers of one home, running."""

    home: Home
    secrets: Secrets
    postgres: Postgres
    nats: Nats
    _loop: BackgroundLoop

    def database_url(self, role: str = "postgres", database: str = DATABASE, driver: str = DRIVER) -> str:
        """For SQLAlchemy; driver="postgresql" for asyncpg itself. Roles: a part, `<part>_owner`, postgres."""
        return self.postgres.server.url(role, self.secrets.database[role], driver=driver, database=database)

    def nats_url(self, user: str = "admin") -> str:
        """For one user."""
        return self.nats.url(user)

    @property
    def nats_monitor_url(self) -> str:
        """Where NATS shows how it is."""
        return f"http://127.0.0.1:{self.nats.monitor_port}"

    @property
    def postgres_pid(self) -> int:
        """Of the postmaster."""
        return self.postgres.pid

    @property
    def nats_pid(self) -> int:
        """Of the server."""
        return self.nats.pid

    def kill_postgres(self) -> None:
        """kill -9; returns when it is gone."""
        self._kill(self.postgres)

    def stop_postgres(self) -> None:
        """In order; returns when it is gone."""
        self._loop.run(self.postgres.stop())

    def start_postgres(self) -> None:
        """After kill or stop; returns when it accepts connections again, at the same address."""
        self._loop.run(self.postgres.start())

    def restart_postgres(self) -> None:
        """Stop and start."""
        self.stop_postgres()
        self.start_postgres()

    def kill_nats(self) -> None:
        """kill -9; returns when it is gone."""
        self._kill(self.nats)

    def stop_nats(self) -> None:
        """In order; returns when it is gone."""
        self._loop.run(self.nats.stop())

    def start_nats(self) -> None:
        """After kill or stop; returns when it is healthy again, at the same address."""
        self._loop.run(self.nats.start())

    def _kill(self, server: Postgres | Nats) -> None:
        server.kill()
        self._loop.run(server.exited())


@contextmanager
def embedded_servers(home: str | Path, *, scratch: bool = False) -> Iterator[EmbeddedServers]:
    """Postgres with all roles and schemas, and NATS. Both end with the block, and with this process.

    `scratch`: for data that need not outlive a power cut, much faster to set up and take down.
    """
    place = Home.at(home)
    loop = BackgroundLoop()
    try:
        with place.locked():
            secrets = load_or_create_secrets(place)
            loop.run(end_orphans(place))
            servers = EmbeddedServers(
                place,
                secrets,
                Postgres(place, secrets, SCRATCH_SETTINGS if scratch else SETTINGS),
                Nats(place, secrets),
                loop,
            )
            try:
                loop.run(_start(servers))
                yield servers
            finally:
                loop.run(_stop(servers))
    finally:
        loop.close()


async def _start(servers: EmbeddedServers) -> None:
    starts = (servers.postgres.start(), servers.nats.start())
    for outcome in await asyncio.gather(*starts, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
    await prepare_database(servers.postgres.admin_url, servers.secrets)


async def _stop(servers: EmbeddedServers) -> None:
    await asyncio.gather(servers.nats.stop(), servers.postgres.stop())
