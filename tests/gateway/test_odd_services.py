"""Services that do not keep to what they declared: nobody gets what was meant for another."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from random import Random

import h11
import pytest

from contracts.parts import SERVICES
from harness.databases import Database
from harness.waiting import eventually
from tests.chassis.http1.mutations import Mutation
from tests.chassis.http1.requests import Case
from tests.conftest import size
from tests.gateway.conftest import ADMIN, RunningGateway, Services, listening, settings_of
from tests.gateway.odd_callers import OPEN, calling, mutated_case, send

# Each as what it does to the connection after reading a request.

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


def writing(*pieces: bytes, close: bool = False) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.005)
        if close:
            writer.close()

    return answer


SCENARIOS: dict[bytes, Answer] = {
    b"good": writing(OK),
    b"short": writing(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok", close=True),
    b"long": writing(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok and more"),
    b"long-later": writing(OK, b" and more"),
    b"doubled": writing(OK + OK.replace(b"ok", b"no")),
    b"doubled-later": writing(OK, OK.replace(b"ok", b"no")),
    b"unsolicited-408": writing(OK, b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n", close=True),
    b"closes": writing(OK, close=True),
    b"says-close": writing(OK.replace(b"content", b"connection: close\r\ncontent"), close=True),
    b"no-length": writing(b"HTTP/1.1 200 OK\r\n\r\nok", close=True),
    b"no-answer": writing(b"", close=True),
    b"switches": writing(
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: foo\r\nconnection: upgrade\r\n\r\n" + OK
    ),
    b"hints": writing(b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + OK),
    b"204-with-a-body": writing(b"HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\nok"),
    b"304-with-a-body": writing(b"HTTP/1.1 304 Not Modified\r\ncontent-length: 2\r\n\r\nok"),
    b"huge-head": writing(b"HTTP/1.1 200 OK\r\nx: " + b"a" * 200_000),
    b"garbage": writing(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    b"two-lengths": writing(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 9\r\n\r\nok"),
    b"length-and-chunks": writing(
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"
    ),
    b"bad-chunks": writing(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nok\r\n0\r\n\r\n"),
    b"chunks-and-more": writing(
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n" + OK
    ),
    b"bad-header": writing(b"HTTP/1.1 200 OK\r\nx y: a\r\ncontent-length: 2\r\n\r\nok"),
    b"http-1.0": writing(b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok"),
}


# What a service sends, or closes, unasked while the next request is under way meets that one: in HTTP/1.1 nobody can
# tell. These are tried one at a time.
UNASKED = (b"long-later", b"doubled-later", b"unsolicited-408", b"closes")


async def misbehave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read requests with h11 and answer as their path says; whoever names no scenario gets its own body back."""
    connection = h11.Connection(h11.SERVER)
    path, body = b"", b""
    with contextlib.suppress(h11.ProtocolError, ConnectionError):
        while data := await reader.read(65536):
            connection.receive_data(data)
            while (event := connection.next_event()) is not h11.NEED_DATA:
                if isinstance(event, h11.Request):
                    path, body = event.target.rpartition(b"/")[2], b""
                    if path == b"answers-early":
                        writer.write(OK)
                elif isinstance(event, h11.Data):
                    body += event.data
                elif isinstance(event, h11.EndOfMessage):
                    if path in SCENARIOS:
                        await SCENARIOS[path](writer)
                    elif path != b"answers-early":
                        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
                    connection.send(h11.Response(status_code=200, headers=[("content-length", "0")]))
                    connection.send(h11.EndOfMessage())
                    connection.start_next_cycle()
                elif event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
                    break
    writer.close()


@pytest.fixture
async def misbehaving(shared_database: Database, tmp_path: Path) -> AsyncIterator[RunningGateway]:
    servers = [
        await asyncio.start_unix_server(misbehave, path=f"{tmp_path}/{name}.sock") for name in SERVICES
    ]
    settings = settings_of(shared_database, Services(tmp_path), tmp_path, open_requests_per_minute=10**9)
    async with listening(settings) as gateway:
        yield gateway
    for server in servers:
        server.close()


@pytest.mark.parametrize("method", ["POST", "GET", "HEAD"])
async def test_after_an_odd_answer_everybody_gets_their_own(misbehaving: RunningGateway, method: str) -> None:
    port = int(misbehaving.url.rpartition(":")[2])
    async with calling(port) as victim:
        for path in [*SCENARIOS, b"answers-early"]:
            answer = await send(port, odd_request(method, path), bytewise=False)
            assert answer.startswith(b"HTTP/1.1 "), path
            assert not answer.startswith(b"HTTP/1.1 500"), path
            assert b"no" not in answer.partition(b"\r\n\r\n")[2][:2], path
            await victim.posts_ten()


async def test_mutated_requests_to_odd_services_harm_nobody(misbehaving: RunningGateway) -> None:
    port = int(misbehaving.url.rpartition(":")[2])
    mutation = Mutation(Random(9))
    async with calling(port) as victim:
        for path in [*SCENARIOS, b"answers-early"]:
            if path in UNASKED:
                continue
            sent = [mutated_case(mutation, path) for _ in range(size(16, 160))]
            await asyncio.gather(*(send(port, case, bytewise=False) for case in sent), victim.posts_ten())
            await victim.posts_ten()


async def test_an_answer_to_half_a_large_body_ends_its_connection(misbehaving: RunningGateway) -> None:
    """The service has answered and the rest of the body has nowhere to go: no later request may carry it."""
    port = int(misbehaving.url.rpartition(":")[2])
    upstream = misbehaving.app.resources.known.upstreams["intake"]
    token = (await misbehaving.token(ADMIN)).encode()
    async with calling(port) as victim:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"POST /api/v1/appeals/answers-early HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
            b"Content-Length: 100000\r\n\r\n%s" % (token, b"x" * 50_000)
        )
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        await eventually(lambda: upstream.open == 0)
        await victim.posts_ten()
        writer.write(b"x" * 50_000 + b"GET %sgood HTTP/1.1\r\nHost: x\r\n\r\n" % OPEN)
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        writer.close()


def odd_request(method: str, path: bytes) -> Case:
    body = b"abcd" if method == "POST" else b""
    head = b"%s %s%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (
        method.encode(),
        OPEN,
        path,
        len(body),
    )
    return Case(path.decode(), (head + body,))
