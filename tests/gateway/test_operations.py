"""What waits in all services, in one answer: also while some of them do not answer, or not as they should."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import orjson
import pytest

from contracts.parts import SERVICES
from harness.databases import Database
from tests.gateway.conftest import (
    RunningGateway,
    Services,
    credentials_of,
    listening,
    settings_of,
)

WAITING = {"unsaid": 1, "outbox_pending": 2, "consumer_lag": 3, "dead_letters": 4, "replays": 5}


class Part:
    """A service that answers every request alike, and notes what it was asked for, and by whom."""

    def __init__(self, status: bytes, body: object) -> None:
        self._answer = (status, orjson.dumps(body))
        self.asked: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append(await reader.readuntil(b"\r\n\r\n"))
        status, body = self._answer
        writer.write(b"HTTP/1.1 %s\r\ncontent-length: %d\r\n\r\n%s" % (status, len(body), body))
        writer.close()


@pytest.fixture
async def behind(services: Services) -> AsyncIterator[dict[str, Part]]:
    """intake is well, routing is in trouble, sla answers something else; analytics is away."""
    found = {
        "intake": Part(b"200 OK", WAITING),
        "routing": Part(b"500 Trouble", {"title": "x"}),
        "sla": Part(b"200 OK", {"unsaid": "many"}),
    }
    async with AsyncExitStack() as servers:
        for name, part in found.items():
            path = Path(services.address(name).removeprefix("unix:"))
            await servers.enter_async_context(await asyncio.start_unix_server(part.serve, path=path))
        yield found


@pytest.fixture
async def gateway(
    behind: dict[str, Part], database: Database, services: Services, tmp_path: Path
) -> AsyncIterator[RunningGateway]:
    assert behind
    async with listening(settings_of(database, services, tmp_path)) as made:
        yield made


async def test_each_service_is_asked_once_by_the_administrators_own_token(
    gateway: RunningGateway, behind: dict[str, Part]
) -> None:
    headers = await gateway.headers()
    answer = await gateway.client.get("/api/v1/operations", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "items": [{"service": name, "backlog": WAITING if name == "intake" else None} for name in SERVICES]
    }
    (asked,) = behind["intake"].asked
    assert asked.startswith(b"GET /api/v1/operations/intake/backlog ")
    assert headers["Authorization"].encode() in asked
    refused = await gateway.client.get("/api/v1/operations?service=sla", headers=headers)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/query/service")


async def test_it_is_for_administrators_of_all_regions(
    gateway: RunningGateway, behind: dict[str, Part]
) -> None:
    for role in ("coordinator", "admin"):
        made = await gateway.make_client(role=role, regions=["46"])
        headers = await gateway.headers(credentials_of(made))
        assert (await gateway.client.get("/api/v1/operations", headers=headers)).status_code == 403, role
    assert (await gateway.client.get("/api/v1/operations")).status_code == 401
    assert behind["intake"].asked == []
