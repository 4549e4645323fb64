"""Databases of tests: templates made by the migrations, a copy for each test, sessions under any role."""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.db import create_engine, create_reading_sessions, create_sessions
from chassis.sealing import make_keyring
from chassis.word_keys import public_key_of, read_private_key, read_public_key
from chassis.words import Seals
from harness.servers import Servers, admin_url
from infra.local.database import prepare_database
from services.intake.originals.actions.official_words import Opener

MIGRATION_SECONDS = 180
PROJECT = Path(__file__).resolve().parent.parent
WORDS_KEY = "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8="
ENCRYPTION_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def migrate(servers: Servers, database: str, parts: tuple[str, ...]) -> None:
    """Bring the tables of `parts` up to date, each under its owner's role, all at once."""
    with ExitStack() as started:
        for part in parts:
            url = servers.database_url(f"{part}_owner", database=database)
            command = [sys.executable, "-m", "chassis.migrations", part, "upgrade"]
            environment = {**os.environ, "OTKLIK_DATABASE_URL": url}
            process = started.enter_context(subprocess.Popen(command, cwd=PROJECT, env=environment))
            started.callback(process.kill)  # what has ended is not killed; what hangs does not outlive this
            started.callback(_require_success, process, part)


def _require_success(process: subprocess.Popen[bytes], part: str) -> None:
    assert process.wait(timeout=MIGRATION_SECONDS) == 0, f"migrations of {part} failed"


class Templates:
    """Databases made by the migrations, to be copied: one per part, which is five times quicker than one of all."""

    def __init__(self, servers: Servers) -> None:
        self.servers = servers
        self._made: dict[tuple[str, ...], str] = {}

    def of(self, parts: tuple[str, ...]) -> str:
        """Name of the template that holds the schemas of `parts`."""
        if parts not in self._made:
            self._made[parts] = self._make(parts)
        return self._made[parts]

    def _make(self, parts: tuple[str, ...]) -> str:
        name = f"template_{'_'.join(parts)}"
        with concurrent.futures.ThreadPoolExecutor(
            1
        ) as pool:  # a test's event loop may be running in this thread
            pool.submit(
                asyncio.run, prepare_database(admin_url(self.servers), self.servers.secrets, name)
            ).result()
        migrate(self.servers, name, parts)
        return name


def session_info() -> dict[str, object]:
    """What the sessions of any service carry along, with the keys that apps of `app_client` have too."""
    keyring = make_keyring({1: ENCRYPTION_KEY}, 1)
    return {
        "seals": Seals(keyring, read_public_key(public_key_of(WORDS_KEY))),
        "opener": Opener(keyring, read_private_key(WORDS_KEY)),
    }


@dataclass
class Database:
    """A fresh copy of the migrated database."""

    servers: Servers
    name: str
    engines: list[Any] = field(default_factory=list)

    def url(self, role: str) -> str:
        """SQLAlchemy URL for a role: a service name, `<service>_owner` or `postgres`."""
        return self.servers.database_url(role, database=self.name)

    def dsn(self, role: str = "postgres") -> str:
        """URL for asyncpg itself."""
        return self.servers.database_url(role, database=self.name, driver="postgresql")

    def sessions(self, role: str) -> async_sessionmaker[AsyncSession]:
        """Sessions under a service's role, with all rows open, as for its workers."""
        return self._sessions(role, all_rows=True)

    def closed_sessions(self, role: str) -> async_sessionmaker[AsyncSession]:
        """The same as for requests: no row is open before a transaction says what it is about."""
        return self._sessions(role, all_rows=False)

    def reading_sessions(self, role: str) -> async_sessionmaker[AsyncSession]:
        """Sessions that read one snapshot; no row is open before a transaction says what it is about."""
        engine = create_engine(self.url(role), 10)
        self.engines.append(engine)
        return create_reading_sessions(engine)

    def _sessions(self, role: str, *, all_rows: bool) -> async_sessionmaker[AsyncSession]:
        engine = create_engine(self.url(role), 10, all_rows=all_rows)
        self.engines.append(engine)
        made = create_sessions(engine)
        made.configure(info=session_info())
        return made

    async def close(self) -> None:
        """Give back connections."""
        for engine in self.engines:
            await engine.dispose()


async def copy_database(servers: Servers, name: str, template: str) -> None:
    """A new database like another one. Its files are copied: to log each of their pages takes twenty times as long."""
    admin = await asyncpg.connect(servers.database_url("postgres", database="postgres", driver="postgresql"))
    try:
        await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    finally:
        await admin.close()


async def drop_database(servers: Servers, name: str) -> None:
    """Whoever is still connected."""
    admin = await asyncpg.connect(servers.database_url("postgres", database="postgres", driver="postgresql"))
    try:
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await admin.close()
