"""The connections to a service: how many there are, and what may be left on one that is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from chassis.problems import Unavailable
from gateway.proxy import upstreams
from gateway.proxy.connections import HIGH_WATER, Connection
from gateway.proxy.failures import Overloaded
from gateway.proxy.requests import make_request
from gateway.proxy.upstreams import Upstream
from harness.waiting import eventually

QUESTION = make_request("GET", b"/a", [(b"host", b"x")], 0)
BODY = b"x" * (HIGH_WATER + 1)


class Service:
    """Answers every request with BODY; notes how many connections it was asked for."""

    def __init__(self) -> None:
        self.met = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.met += 1
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(BODY), BODY))
        writer.close()


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    made = Service()
    server = await asyncio.start_unix_server(made.serve, path=f"{tmp_path}/s.sock", backlog=1000)
    yield made
    server.close()


def upstream_of(folder: Path, most: int) -> Upstream:
    return Upstream("service", f"unix:{folder}/s.sock", most)


async def exchange(connection: Connection) -> int:
    """Ask and read everything; the length of the answer."""
    connection.begin(QUESTION, b"")
    size = 0
    async with asyncio.timeout(5):
        await connection.head()
        size += len(connection.take())
        while not connection.answer.complete:
            await connection.more()
            size += len(connection.take())
    connection.finish()
    return size


async def test_what_nobody_has_read_is_not_left_to_the_next_exchange(
    service: Service, tmp_path: Path
) -> None:
    upstream = upstream_of(tmp_path, 4)
    connection = await upstream.acquire()
    connection.begin(QUESTION, b"")
    connection.data_received(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(BODY), BODY))
    assert connection.answer.complete
    connection.finish()
    following = await upstream.acquire()
    assert following is not connection
    assert await exchange(following) == len(BODY)
    assert await upstream.acquire() is following  # that one was read to its end
    following.abort()


async def test_a_burst_opens_no_more_connections_than_allowed(service: Service, tmp_path: Path) -> None:
    upstream = upstream_of(tmp_path, 4)
    asked = await asyncio.gather(*(upstream.acquire() for _ in range(300)), return_exceptions=True)
    got = [each for each in asked if isinstance(each, Connection)]
    assert len(got) == upstream.open == 4
    assert {type(each) for each in asked} == {Connection, Overloaded}
    await eventually(lambda: service.met > 0)
    assert service.met <= 4
    for connection in got:
        connection.abort()
        connection.abort()
    assert upstream.open == 0
    again = await upstream.acquire()
    await asyncio.sleep(0)  # the aborted ones are told of now
    assert upstream.open == 1
    again.abort()


async def test_a_connection_that_fails_or_is_given_up_leaves_its_place(
    service: Service, tmp_path: Path
) -> None:
    upstream = upstream_of(tmp_path, 1)
    for turns in range(4):
        asking = asyncio.create_task(upstream.acquire())
        for _ in range(turns):
            await asyncio.sleep(0)
        asking.cancel()
        answer = (await asyncio.gather(asking, return_exceptions=True))[0]
        if isinstance(answer, Connection):
            answer.abort()
        assert upstream.open == 0
    missing = Upstream("service", f"unix:{tmp_path}/none.sock", 1)
    for _ in range(3):
        with pytest.raises(Unavailable):
            await missing.acquire()
    assert missing.open == 0


async def test_idle_connections_take_no_place_from_new_ones(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream = upstream_of(tmp_path, 2)
    for connection in [await upstream.acquire(), await upstream.acquire()]:
        await exchange(connection)
    assert len((await upstream.fetch("/a", seconds=5)).body) == len(BODY)
    assert upstream.open == 2
    monkeypatch.setattr(upstreams, "KEEP_IDLE_SECONDS", -1.0)  # all are too old now
    assert await exchange(await upstream.acquire()) == len(BODY)
    upstream.close()
    assert upstream.open == 0
