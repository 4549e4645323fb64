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

import httpx2
import pytest
import uvicorn

from chassis.serve import bind
from gateway.main import Gateway, create_gateway
from gateway.settings import SERVICES, GatewaySettings
from tests.conftest import ENCRYPTION_KEY, PROJECT, Database
from tests.waiting import eventually

ADMIN = {"client_id": "admin-test", "client_secret": "the-bootstrap-secret"}


@dataclass
class Services:
    """The services of a test, each on its socket, that can be killed and started again."""

    folder: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def address(self, service: str) -> str:
        return f"unix:{self.folder / service}.sock"

    async def start(self, service: str) -> None:
        socket = self.folder / f"{service}.sock"
        socket.unlink(missing_ok=True)
        command = [sys.executable, "-m", "tests.gateway.upstream", service, str(socket)]
        self.running[service] = subprocess.Popen(command, cwd=PROJECT)
        await eventually(socket.exists)

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
class Door:
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
async def listening(settings: GatewaySettings) -> AsyncIterator[Door]:
    app = create_gateway(settings)
    sockets = [bind("127.0.0.1:0"), bind(settings.internal_listen)]
    url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    config = uvicorn.Config(
        app, log_config=None, access_log=False, ws="none", server_header=False, date_header=False
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve(sockets))
    await eventually(lambda: server.started or task.done())
    try:
        async with httpx2.AsyncClient(base_url=url, timeout=20) as client:
            yield Door(url, Path(settings.internal_listen.removeprefix("unix:")), app, client)
    finally:
        server.should_exit = True
        await task


@pytest.fixture
async def open_door(
    database: Database, services: Services, tmp_path: Path
) -> AsyncIterator[Callable[..., Awaitable[Door]]]:
    """`door = await open_door(open_requests_per_minute=5)`."""
    async with AsyncExitStack() as stack:

        async def start(**changes: Any) -> Door:
            values: dict[str, Any] = {
                "database_url": database.url("gateway"),
                "internal_listen": f"unix:{tmp_path}/internal.sock",
                "hash_key": "test-hash-key",
                "cursor_key": "test-cursor-key",
                "encryption_key": ENCRYPTION_KEY,
                "bootstrap_admin_id": ADMIN["client_id"],
                "bootstrap_admin_secret": ADMIN["client_secret"],
                **{f"upstream_{name}": services.address(name) for name in SERVICES},
                **changes,
            }
            return await stack.enter_async_context(listening(GatewaySettings(**values)))

        yield start


@pytest.fixture
async def door(open_door: Callable[..., Awaitable[Door]]) -> Door:
    """A gateway with the default limits."""
    return await open_door()
