"""Bodies of callers without a token: whole before anything is taken up for them, and never more than may be held."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx2
import pytest

from gateway.proxy.bodies import BodyBudget
from gateway.routes import OPEN_BODY
from harness.waiting import eventually
from tests.gateway.conftest import ADMIN, RunningGateway, Services

StartGateway = Callable[..., Awaitable[RunningGateway]]
TRACK, TOKEN = "/api/v1/track/x", "/oauth/token"


async def calling(gateway: RunningGateway, path: str, framing: str, body: bytes) -> asyncio.StreamWriter:
    """Send a head and the beginning of a body; the rest never comes."""
    _, writer = await asyncio.open_connection("127.0.0.1", int(gateway.url.rpartition(":")[2]))
    writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n".encode() + body)
    await writer.drain()
    return writer


def budget_of(gateway: RunningGateway) -> BodyBudget:
    budget: BodyBudget = gateway.app.resources.bulkheads.anybody.budget
    return budget


async def pieces(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 4096):
        yield b"x" * 4096


CHUNKED = ("Transfer-Encoding: chunked", b"1000\r\n" + b"x" * 4096 + b"\r\n")
DECLARED = (f"Content-Length: {OPEN_BODY}", b"x" * 4096)


@pytest.mark.parametrize(("framing", "body"), [CHUNKED, DECLARED], ids=["chunked", "declared"])
async def test_unfinished_bodies_hold_no_connection_to_a_service(
    start_gateway: StartGateway, services: Services, framing: str, body: bytes
) -> None:
    gateway = await start_gateway(open_upstream_connections=2)
    await services.start("intake")
    slow = [await calling(gateway, TRACK, framing, body) for _ in range(5)]
    await eventually(lambda: budget_of(gateway).held == 5 * 4096)
    assert gateway.app.resources.bulkheads.anybody.upstreams["intake"].open == 0
    assert (await gateway.client.get(TRACK)).status_code == 200
    for writer in slow:
        writer.close()
    await eventually(lambda: budget_of(gateway).held == 0)


async def test_what_is_held_of_open_bodies_is_bounded(
    start_gateway: StartGateway, services: Services
) -> None:
    gateway = await start_gateway(open_body_bytes=3 * 4096)
    await services.start("intake")
    slow = [await calling(gateway, path, *CHUNKED) for path in (TRACK, TOKEN, TOKEN)]
    await eventually(lambda: budget_of(gateway).held == 3 * 4096)
    for path in (TRACK, TOKEN):
        answer = await gateway.client.post(path, content=pieces(4096))
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/overloaded")
    for writer in slow:
        writer.close()
    await eventually(lambda: budget_of(gateway).held == 0)
    assert (await gateway.client.post(TRACK, content=pieces(4096))).json()["size"] == 4096


@pytest.mark.parametrize("path", [TRACK, TOKEN, "/docs", "/api/v1/clients"])
async def test_open_and_own_routes_refuse_bodies_they_have_no_use_for(
    gateway: RunningGateway, path: str
) -> None:
    headers = await gateway.headers() if path == "/api/v1/clients" else {}
    size = 2 * 1024 * 1024
    for content in (b"x" * size, pieces(size)):
        answer = await gateway.client.post(path, content=content, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")
    assert budget_of(gateway).held == 0


async def test_a_large_open_body_is_refused_before_any_of_it_has_come(gateway: RunningGateway) -> None:
    for path in (TRACK, TOKEN):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(gateway.url.rpartition(":")[2]))
        writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n".encode())
        async with asyncio.timeout(5):
            assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")
        writer.close()


async def test_bodies_in_chunks_reach_services_and_own_routes_whole(gateway: RunningGateway) -> None:
    heard: httpx2.Response = await gateway.client.post(TRACK, content=pieces(OPEN_BODY))
    assert heard.json()["size"] == OPEN_BODY
    framing = dict(heard.json()["headers"])
    assert framing["content-length"] == str(OPEN_BODY)
    assert "transfer-encoding" not in framing

    async def form() -> AsyncIterator[bytes]:
        yield b"grant_type=client_credentials&"
        yield f"client_id={ADMIN['client_id']}&client_secret={ADMIN['client_secret']}".encode()

    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await gateway.client.post(TOKEN, content=form(), headers=kind)).status_code == 200
