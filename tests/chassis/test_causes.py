"""The reason said is the true one, and no accident of the database or the broker is a 500."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from nats.errors import ConnectionClosedError, MaxPayloadError
from nats.errors import TimeoutError as BrokerTimeout
from nats.js.errors import APIError, NoStreamResponseError, ServiceUnavailableError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.causes import BROKER_FULL, cause_of, concerns_all
from chassis.db import Reading, Transaction, create_engine
from chassis.db.driver import fetch
from chassis.problems import install_problem_handlers
from harness.databases import Database
from harness.resources import give_database
from tests.chaos.volumes import volume

FULL = "The database's disk is full."
AWAY = "The database is not reachable."
STATES = {
    "08006": AWAY,
    "25006": "The database can only be read at the moment.",
    "26000": "The database has been started anew.",
    "28P01": "The database does not let us in.",
    "40001": "Others were changing the same at the same time.",
    "40P01": "Others were changing the same at the same time.",
    "53000": "The database is short of resources.",
    "53100": FULL,
    "53200": "The database is out of memory.",
    "53300": "The database has no connection to spare.",
    "55000": "The database does not let us in.",
    "57014": "The database did not answer in time.",
    "57P01": "The database is stopping or starting.",
    "57P02": "The database is stopping or starting.",
    "57P03": "The database is stopping or starting.",
    "58000": "The database cannot read or write its disk.",
    "58030": "The database cannot read or write its disk.",
    "XX001": "The database cannot read its disk.",
}


def raising(state: str) -> str:
    """SQL that fails with a SQLSTATE."""
    return f"DO $$ BEGIN RAISE EXCEPTION 'Иванов' USING ERRCODE = '{state}'; END $$"


@pytest.fixture
def parts() -> tuple[str, ...]:
    return ("gateway",)


@pytest.fixture
def web() -> FastAPI:
    """Routes that speak with the database in each of our ways."""
    app = FastAPI()
    install_problem_handlers(app)

    @app.post("/plain/{state}")
    async def plain(state: str, session: Transaction) -> None:
        await session.execute(text(raising(state)))

    @app.post("/driver/{state}")
    async def driver(state: str, session: Transaction) -> None:
        await fetch(session, raising(state))

    @app.get("/read")
    async def read(session: Reading) -> None:
        await session.execute(text("SELECT 1"))

    @app.post("/swallowed")
    async def swallowed(session: Transaction) -> None:
        """What comes after an error that somebody has swallowed."""
        with suppress(Exception):
            await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        await session.execute(text("SELECT 1"))

    @app.post("/ends-itself")
    async def end_itself(session: Transaction) -> None:
        await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    return app


def use(app: FastAPI, engine: AsyncEngine) -> httpx2.AsyncClient:
    give_database(app, engine)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://service")


@pytest.fixture
async def client(web: FastAPI, database: Database) -> AsyncIterator[httpx2.AsyncClient]:
    engine = create_engine(database.url("postgres"), 2)
    async with use(web, engine) as opened:
        yield opened
    await engine.dispose()


def assert_come_again(answer: httpx2.Response, detail: str) -> None:
    assert (answer.status_code, answer.json()["detail"]) == (503, detail), answer.text
    assert int(answer.headers["retry-after"]) >= 1
    assert "Иванов" not in answer.text


@pytest.mark.parametrize("way", ["plain", "driver"])
async def test_every_state_of_the_database_in_true_words(client: httpx2.AsyncClient, way: str) -> None:
    for state, words in STATES.items():
        assert_come_again(await client.post(f"/{way}/{state}"), words)
    assert (await client.post(f"/{way}/55P03")).status_code == 409
    assert (await client.post(f"/{way}/22003")).status_code == 422
    assert (await client.post(f"/{way}/42P01")).status_code == 500, "a bug stays a bug"


async def test_a_connection_that_ends_in_the_middle(client: httpx2.AsyncClient) -> None:
    for path in ("/swallowed", "/ends-itself"):
        answer = await client.post(path)
        assert answer.status_code == 503, answer.text
        assert answer.json()["detail"] in (AWAY, "The database is stopping or starting.")
        assert (await client.get("/read")).status_code == 200


async def test_connections_that_ended_while_they_were_idle(
    client: httpx2.AsyncClient, database: Database
) -> None:
    """A restart ends them all; the first to notice is told to come again, and the pool is good again."""
    assert (await client.get("/read")).status_code == 200
    async with database.sessions("postgres")() as other:
        await other.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    statuses = [(await client.get("/read")).status_code for _ in range(4)]
    assert set(statuses) <= {200, 503}
    assert statuses[-1] == 200


async def test_a_database_that_is_not_there(web: FastAPI, tmp_path: Path) -> None:
    """Refused, or no socket any more, as during a restart."""
    for place in (f"host={tmp_path}", "host=127.0.0.1&port=9"):
        engine = create_engine(f"postgresql+asyncpg://a:b@/x?{place}", 1)
        async with use(web, engine) as client:
            assert_come_again(await client.get("/read"), AWAY)
            assert_come_again(await client.post("/driver/22003"), AWAY)
        await engine.dispose()


async def test_a_database_that_died_of_its_full_disk(
    web: FastAPI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who knows where the disk is says what is the matter with it."""
    engine = create_engine(f"postgresql+asyncpg://a:b@/x?host={tmp_path}", 1)
    with volume(tmp_path / "postgres", 20) as disk:
        monkeypatch.setattr("chassis.causes._folders", [str(disk.path)])
        async with use(web, engine) as client:
            assert_come_again(await client.get("/read"), AWAY)
            disk.fill()
            assert_come_again(await client.get("/read"), FULL)
            disk.empty()
            assert_come_again(await client.get("/read"), AWAY)
    await engine.dispose()


async def test_a_pool_that_has_nothing_to_give(web: FastAPI, database: Database) -> None:
    engine = create_engine(database.url("postgres"), 1)
    engine.pool._timeout = 0.2  # type: ignore[attr-defined]
    async with use(web, engine) as client, engine.connect(), engine.connect():
        assert_come_again(await client.get("/read"), "All connections to the database are in use.")
    await engine.dispose()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (APIError(code=503, err_code=10077, description="write x.blk: no space left on device"), BROKER_FULL),
        (ServiceUnavailableError(code=503, err_code=10047, description="insufficient storage"), BROKER_FULL),
        (APIError(code=503, err_code=10076), "The broker stores no events at the moment."),
        (APIError(code=503, err_code=10023), "The broker is short of resources."),
        (APIError(code=400, err_code=10025, description="bad request"), ""),
        (NoStreamResponseError(), "The broker is not reachable."),
        (ConnectionClosedError(), "The broker is not reachable."),
        (BrokerTimeout(), "The broker does not answer in time."),
        (MaxPayloadError(), ""),
        (OSError(28, "x"), "A disk is full."),
        (OSError(24, "x"), "The process has no more files to open."),
        (ConnectionResetError(), "A part of the system is not reachable."),
        (ExceptionGroup("", [ValueError(), OSError(28, "x")]), "A disk is full."),
        (ValueError("x"), ""),
    ],
)
def test_causes_outside_of_the_database(error: Exception, words: str) -> None:
    assert cause_of(error) == words
    assert concerns_all(error) == bool(words)
