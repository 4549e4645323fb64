"""The gateway as a real server on real sockets, with small real services behind it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest
import uvicorn

from chassis.serve import bind, server_config
from contracts.parts import PAGES, SERVICES
from gateway.main import Gateway, create
from gateway.settings import GatewaySettings
from harness.databases import ENCRYPTION_KEY, PROJECT, Database, Templates, copy_database
from harness.servers import Servers
from harness.waiting import eventually

ADMIN = {"client_id": "admin-test", "client_secret": "the-bootstrap-secret"}


@dataclass
class Services:
    """The services of a test, each on its socket, that can be killed and started again."""

    folder: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def address(self, service: str) -> str:
        return f"unix:{self.folder / service}.sock"

    def launch(self, *services: str) -> None:
        for service in services:
            (self.folder / f"{service}.sock").unlink(missing_ok=True)
        command = [sys.executable, "-m", "tests.gateway.upstream", str(self.folder), *services]
        self.running["+".join(services)] = subprocess.Popen(command, cwd=PROJECT)

    async def start(self, service: str) -> None:
        self.launch(service)
        await eventually((self.folder / f"{service}.sock").exists)

    def kill(self, service: str) -> None:
        process = self.running.pop(service)
        process.kill()
        process.wait()


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """None is running yet: `await services.start("intake")`."""
    made = Services(tmp_path)
    yield made
    for service in list(made.running):
        made.kill(service)


@dataclass
class RunningGateway:
    """A gateway that listens."""

    url: str
    internal: Path
    app: Gateway
    client: httpx2.AsyncClient

    async def token(self, credentials: dict[str, str]) -> str:
        form = {"grant_type": "client_credentials", **credentials}
        answer = await self.client.post("/oauth/token", data=form)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    async def headers(self, credentials: dict[str, str] = ADMIN) -> dict[str, str]:
        return {"Authorization": f"Bearer {await self.token(credentials)}"}

    async def make_client(self, **body: Any) -> dict[str, Any]:
        wish = {"name": "A client", "role": "portal", "regions": ["46"], **body}
        answer = await self.client.post("/api/v1/clients", json=wish, headers=await self.headers())
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made


def credentials_of(made: dict[str, Any]) -> dict[str, str]:
    return {"client_id": made["client_id"], "client_secret": made["client_secret"]}


@asynccontextmanager
async def listening(settings: GatewaySettings) -> AsyncIterator[RunningGateway]:
    app = create(settings)
    sockets = [bind("127.0.0.1:0"), bind(settings.internal_listen)]
    url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    config = server_config(app, settings.limits, timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve(sockets))
    await eventually(lambda: server.started or task.done())
    try:
        async with httpx2.AsyncClient(base_url=url, timeout=20) as client:
            yield RunningGateway(url, Path(settings.internal_listen.removeprefix("unix:")), app, client)
    finally:
        server.should_exit = True
        await task


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """All four services and the pages for the whole session, in one process; not to be killed."""
    made = Services(tmp_path_factory.mktemp("services"))
    made.launch(*SERVICES, PAGES)
    yield made
    made.kill("+".join((*SERVICES, PAGES)))


@pytest.fixture(scope="session")
async def shared_database(servers: Servers, templates: Templates) -> AsyncIterator[Database]:
    """One database for the tests that make their own clients in it and mind nobody else's."""
    made = Database(servers, "test_gateway")
    await copy_database(servers, made.name, templates.of(("gateway",)))
    yield made
    await made.close()


def settings_of(database: Database, services: Services, folder: Path, **changes: Any) -> GatewaySettings:
    values: dict[str, Any] = {
        "database_url": database.url("gateway"),
        "internal_listen": f"unix:{folder}/internal.sock",
        "hash_key": "test-hash-key",
        "cursor_key": "test-cursor-key",
        "encryption_key": ENCRYPTION_KEY,
        "bootstrap_admin_id": ADMIN["client_id"],
        "bootstrap_admin_secret": ADMIN["client_secret"],
        **{f"upstream_{name}": services.address(name) for name in (*SERVICES, PAGES)},
        **changes,
    }
    return GatewaySettings(**values)


@pytest.fixture
async def start_gateway(
    database: Database, services: Services, tmp_path: Path
) -> AsyncIterator[Callable[..., Awaitable[RunningGateway]]]:
    """`gateway = await start_gateway(token_seconds=60)`: own database, services started by the test."""
    async with AsyncExitStack() as stack:

        async def start(**changes: Any) -> RunningGateway:
            return await stack.enter_async_context(
                listening(settings_of(database, services, tmp_path, **changes))
            )

        yield start


async def forget_callers(database: Database) -> None:
    """Limits outlive a gateway; those that another test has used are no business of this one."""
    connection = await asyncpg.connect(database.dsn("gateway"))
    await connection.execute("DELETE FROM gateway.used_limit")
    await connection.close()


@pytest.fixture
async def gateway(
    shared_database: Database, standing: Services, tmp_path: Path
) -> AsyncIterator[RunningGateway]:
    """A gateway with the default limits, a shared database and all services there."""
    for name in (*SERVICES, PAGES):
        await eventually((standing.folder / f"{name}.sock").exists)
    await forget_callers(shared_database)
    async with listening(settings_of(shared_database, standing, tmp_path)) as made:
        yield made


@pytest.fixture
async def lonely_gateway(
    shared_database: Database, services: Services, tmp_path: Path
) -> AsyncIterator[RunningGateway]:
    """A gateway whose services the test itself starts and kills."""
    await forget_callers(shared_database)
    async with listening(settings_of(shared_database, services, tmp_path)) as made:
        yield made
