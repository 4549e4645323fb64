"""Real servers for every test: embedded or in containers (`harness.servers`), schemas made by the migrations, a database per test."""

from __future__ import annotations

import importlib
import itertools
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, get_type_hints

import httpx2
import jwt
import orjson
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.migrations import module_of
from chassis.resources import Resources, resources_in
from chassis.word_keys import public_key_of
from contracts.parts import PARTS
from harness.databases import (
    ENCRYPTION_KEY,
    PROJECT,
    WORDS_KEY,
    Database,
    Templates,
    copy_database,
    drop_database,
)
from harness.loopback import stay_here
from harness.memory import keep_in_memory
from harness.scheduling import keep_stories, pytest_xdist_make_scheduler, turn_of
from harness.servers import Servers, scratch_servers
from harness.tokens import TokenMint

__all__ = ["pytest_xdist_make_scheduler"]  # pytest finds its hooks here
_numbers = itertools.count(1)
FULL = os.environ.get("OTKLIK_FULL") == "1"


def size(reduced: int, full: int) -> int:
    """The size of a proof: reduced in `make test`, full in `make prove`."""
    return full if FULL else reduced


# A machine that others work on makes any draw slow now and then: that says nothing of a test.
hypothesis_settings.register_profile(
    "shared machine",
    deadline=None,
    max_examples=size(50, 100),
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis_settings.load_profile("shared machine")


def pytest_configure(config: pytest.Config) -> None:
    """Tests speak with this machine only, and their order says nothing: pytest-randomly shuffles files, and what is in
    them. It leaves `random` alone, for what a test draws is the test's own business.

    `-p no:randomly` takes them as they are written, `-p randomly --randomly-seed=N` in the order of an earlier run.
    """
    stay_here()
    keep_in_memory(config)
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


@pytest.fixture(scope="session")
def templates(servers: Servers) -> Templates:
    """What databases of tests are copied from."""
    return Templates(servers)


@pytest.fixture
def parts(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """The schemas a test needs: those of the part its folder is named after, else all."""
    folder = Path(request.node.path).relative_to(PROJECT / "tests").parts[0]
    return (folder,) if folder in PARTS else PARTS


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


@pytest.fixture(scope="session")
def mint() -> TokenMint:
    """Tokens that apps of `app_client` accept."""
    return TokenMint()


@pytest.fixture
async def app_client(
    database: Database, servers: Servers, mint: TokenMint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
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
                "OTKLIK_ATTACHMENTS_FOLDER": str(tmp_path / "attachments"),
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
