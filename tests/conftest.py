"""Real servers for every test: embedded or in containers (`harness.servers`), schemas made by the migrations, a database per test."""

from __future__ import annotations

import asyncio
import concurrent.futures
import importlib
import itertools
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

import asyncpg
import httpx2
import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from uuid_utils.compat import uuid7

from chassis.db import create_engine, create_sessions, open_work
from chassis.migrations import module_of
from chassis.resources import Resources, resources_in
from chassis.sealing import make_keyring
from chassis.service import ServiceResources
from chassis.words import Seals, public_key_of, read_private_key, read_public_key
from contracts.parts import PARTS
from harness.loopback import stay_here
from harness.scheduling import keep_stories, turn_of
from harness.servers import Servers, admin_url, scratch_servers
from infra.local.database import prepare_database
from services.intake.originals.actions.official_words import Opener

PROJECT = Path(__file__).resolve().parent.parent


WORDS_KEY = "QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8="


ENCRYPTION_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


_numbers = itertools.count(1)


FULL = os.environ.get("OTKLIK_FULL") == "1"


def size(reduced: int, full: int) -> int:
    """The size of a proof: reduced in `make test`, full in `make prove`."""
    return full if FULL else reduced


def pytest_configure(config: pytest.Config) -> None:
    """Tests speak with this machine only, and their order says nothing: pytest-randomly shuffles files, and what is in
    them. It leaves `random` alone, for what a test draws is the test's own business.

    `-p no:randomly` takes them as they are written, `-p randomly --randomly-seed=N` in the order of an earlier run.
    """
    stay_here()
    if hasattr(config.option, "randomly_reset_seed"):
        config.option.randomly_reset_seed = False


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """How to have the same order again."""
    if seed := getattr(config.option, "randomly_seed", None):
        terminalreporter.write_line(f"order: --randomly-seed={seed}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Proofs that exist at full size only run in `make prove`; the longest tests come first."""
    for item in items:
        if item.get_closest_marker("full") and not FULL:
            item.add_marker(pytest.mark.skip(reason="full size: run by `make prove`"))
    items.sort(key=turn_of)
    keep_stories(items)


@pytest.fixture
def proof(request: pytest.FixtureRequest) -> Callable[..., None]:
    """`proof(lost=0, posted=2000)`: keeps the figures of a proof for `make prove`'s JSON."""

    def keep(**figures: object) -> None:
        file = os.environ.get("OTKLIK_PROOFS")
        if file:
            with open(file, "ab") as out:
                out.write(orjson.dumps({"proof": request.node.nodeid, **figures}) + b"\n")

    return keep


@pytest.fixture(scope="session")
def samples() -> Path:
    """Folder of real sample data; tests that need it are skipped where the variable is unset."""
    folder = os.environ.get("OTKLIK_SAMPLES")
    if not folder:
        pytest.skip("OTKLIK_SAMPLES is not set")
    return Path(folder)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Postgres and NATS of this test session."""
    with scratch_servers(tmp_path_factory.mktemp("servers")) as running:
        yield running


def migrate(servers: Servers, database: str, parts: tuple[str, ...]) -> None:
    """Bring the tables of `parts` up to date, each under its owner's role, all at once."""
    started = []
    for part in parts:
        url = servers.database_url(f"{part}_owner", database=database)
        command = [sys.executable, "-m", "chassis.migrations", part, "upgrade"]
        environment = {**os.environ, "OTKLIK_DATABASE_URL": url}
        started.append((part, subprocess.Popen(command, cwd=PROJECT, env=environment)))
    for part, process in started:
        assert process.wait(timeout=60) == 0, f"migrations of {part} failed"


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


@pytest.fixture(scope="session")
def templates(servers: Servers) -> Templates:
    """What databases of tests are copied from."""
    return Templates(servers)


@pytest.fixture
def parts(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """The schemas a test needs: those of the part its folder is named after, else all."""
    folder = Path(request.node.path).relative_to(PROJECT / "tests").parts[0]
    return (folder,) if folder in PARTS else PARTS


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
    """A new database like another one."""
    admin = await asyncpg.connect(servers.database_url("postgres", database="postgres", driver="postgresql"))
    try:
        await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    finally:
        await admin.close()


async def drop_database(servers: Servers, name: str) -> None:
    """Whoever is still connected."""
    admin = await asyncpg.connect(servers.database_url("postgres", database="postgres", driver="postgresql"))
    try:
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await admin.close()


@pytest.fixture
def template(templates: Templates, parts: tuple[str, ...]) -> str:
    """What the database of a test is copied from."""
    return templates.of(parts)


@pytest.fixture
async def database(servers: Servers, template: str) -> AsyncIterator[Database]:
    """A database of this test alone."""
    name = f"test_{next(_numbers)}"
    await copy_database(servers, name, template)
    made = Database(servers, name)
    yield made
    await made.close()
    await drop_database(servers, name)


@pytest.fixture
def database_url(database: Database) -> Callable[[str], str]:
    """`database_url("intake")`."""
    return database.url


@pytest.fixture
def sessions(database: Database) -> Callable[[str], async_sessionmaker[AsyncSession]]:
    """`sessions("intake")` – a session maker under that service's role."""
    return database.sessions


class TokenMint:
    """Signs tokens like the gateway does, with a key of its own."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()
        public = jwt.algorithms.OKPAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        self.jwk = {**public, "kid": "test", "alg": "EdDSA", "use": "sig"}

    def token(
        self,
        role: str,
        regions: list[str] | None = None,
        organisation: object = None,
        client: str = "",
        **changes: object,
    ) -> str:
        """A token; `changes` override single claims (None removes one)."""
        now = int(time.time())
        claims: dict[str, object] = {
            "iss": "otklik",
            "aud": "otklik",
            "sub": client or f"client-{role}",
            "iat": now,
            "exp": now + 600,
            "jti": str(uuid7()),
            "role": role,
            "regions": regions if regions is not None else ["46"],
            **({"organisation": str(organisation)} if organisation else {}),
            **changes,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(kept, self._key, algorithm="EdDSA", headers={"kid": "test"})

    def headers(self, role: str, *args: Any, **kwargs: Any) -> dict[str, str]:
        """The Authorization header of a token."""
        return {"Authorization": f"Bearer {self.token(role, *args, **kwargs)}"}


@asynccontextmanager
async def worker_session(app: FastAPI) -> AsyncIterator[AsyncSession]:
    """A transaction of the app as one of its workers has it: all rows are open to it."""
    async with resources_in(app, Resources).sessions.begin() as session:
        await open_work(session)
        yield session


def worker_sessions(app: FastAPI) -> async_sessionmaker[AsyncSession]:
    """Sessions of the app to which all rows are open, and whose commits it hears of."""
    resources = resources_in(app, ServiceResources)
    engine = create_engine(resources.settings.database_url, 10, all_rows=True)
    resources.engines.append(engine)
    return async_sessionmaker(**{**resources.sessions.kw, "bind": engine})


@pytest.fixture(scope="session")
def mint() -> TokenMint:
    """Tokens that apps of `app_client` accept."""
    return TokenMint()


@pytest.fixture
async def app_client(
    database: Database, servers: Servers, mint: TokenMint, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[..., Any]]:
    """`client, app = await app_client("intake")`: the service in this process on the test's database.

    Background tasks (relay, consumers, …) do not run unless `background=True`.
    """
    async with AsyncExitStack() as stack:

        async def open_app(part: str, *, background: bool = False, **environment: str) -> tuple[Any, FastAPI]:
            values = {
                "OTKLIK_SERVICE": part,
                "OTKLIK_DATABASE_URL": database.url(part),
                "OTKLIK_NATS_URL": servers.nats_url(part) if part != "gateway" else "",
                "OTKLIK_NATS_INBOX_PREFIX": f"_INBOX_{part}",
                "OTKLIK_HASH_KEY": "test-hash-key",
                "OTKLIK_CURSOR_KEY": "test-cursor-key",
                "OTKLIK_ENCRYPTION_KEY": ENCRYPTION_KEY,
                "OTKLIK_WORDS_KEY": WORDS_KEY,
                "OTKLIK_WORDS_PUBLIC_KEY": public_key_of(WORDS_KEY),
                "OTKLIK_BACKGROUND_TASKS": str(background).lower(),
                **environment,
            }
            for name, value in values.items():
                monkeypatch.setenv(name, value)
            create = importlib.import_module(f"{module_of(part)}.main").create
            app = create(get_type_hints(create)["settings"]())
            await stack.enter_async_context(app.router.lifespan_context(app))
            resources_in(app, Resources).verifier._keys["test"] = jwt.PyJWK.from_dict(mint.jwk)
            transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
            client = httpx2.AsyncClient(transport=transport, base_url="http://service")
            return await stack.enter_async_context(client), app

        yield open_app
