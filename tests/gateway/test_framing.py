"""Nobody's bytes become part of somebody else's request: odd callers in front, odd services behind, a victim beside them."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import h11
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from chassis.http1.limits import BEHIND_THE_GATEWAY
from chassis.serve import bind, server_config
from gateway.settings import SERVICES
from tests.chassis.http1.mutations import Mutation
from tests.chassis.http1.requests import CASES, SERVED, Case
from tests.chassis.http1.verdicts import Served, verdict
from tests.conftest import Database, size
from tests.gateway.conftest import Door, Services, listening, settings_of
from tests.waiting import eventually

OPEN = b"/api/v1/track/"
PATIENCE, SILENCE = 2.0, 0.08


@dataclass
class Echo:
    """A service that notes what reaches it and answers with the body it got."""

    served: list[Served] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", b"early" not in scope["raw_path"]
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        query = scope["query_string"]
        target = scope["raw_path"] + b"?" + query if query else scope["raw_path"]
        self.served.append((scope["method"], target, len(body)))
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@dataclass
class Street:
    """A gateway, one echo behind it, and its port."""

    door: Door
    echo: Echo

    @property
    def port(self) -> int:
        return int(self.door.url.rpartition(":")[2])

    def noted(self, mark: bytes) -> list[Served]:
        """What reached the service of one caller, known by the end of its paths."""
        return [each for each in self.echo.served if each[1].endswith(mark)]


@pytest.fixture
async def street(shared_database: Database, tmp_path: Path) -> AsyncIterator[Street]:
    echo = Echo()
    config = server_config(echo, BEHIND_THE_GATEWAY, lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve([bind(f"unix:{tmp_path}/{name}.sock") for name in SERVICES]))
    settings = settings_of(shared_database, Services(tmp_path), tmp_path, open_requests_per_minute=10**9)
    async with listening(settings) as door:
        yield Street(door, echo)
    server.should_exit = True
    await task


class Victim:
    """A well-behaved caller with a connection of its own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.posts = 0

    async def posts_ten(self) -> None:
        """Ten requests, each answered with its own body."""
        for _ in range(10):
            self.posts += 1
            body = b"mine %d" % self.posts
            self.writer.write(
                b"POST %svictim HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (OPEN, len(body), body)
            )
            async with asyncio.timeout(10):
                head = await self.reader.readuntil(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 200"), head + await self.reader.read(300)
                assert b"content-length: %d\r\n" % len(body) in head
                assert await self.reader.readexactly(len(body)) == body


@contextlib.asynccontextmanager
async def calling(port: int) -> AsyncIterator[Victim]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Victim(reader, writer)
    finally:
        writer.close()


async def send(port: int, case: Case, bytewise: bool) -> bytes:
    """Write the pieces; everything the gateway answers until it closes or falls silent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    with contextlib.suppress(ConnectionError):
        for piece in case.pieces:
            for part in [piece[at : at + 1] for at in range(len(piece))] if bytewise else [piece]:
                writer.write(part)
                await writer.drain()
            if len(case.pieces) > 1:
                answer += await read_some(reader)
        if case.half_close:
            writer.write_eof()
        answer += await read_some(reader)
    writer.close()
    return answer


async def read_some(reader: asyncio.StreamReader) -> bytes:
    answer = b""
    with contextlib.suppress(TimeoutError):
        while True:
            async with asyncio.timeout(SILENCE if answer else PATIENCE):
                got = await reader.read(65536)
            if not got:
                return answer
            answer += got
    return answer


@pytest.mark.parametrize("bytewise", [False, True], ids=["pieces", "bytewise"])
@pytest.mark.parametrize("path", [b"a", b"early"], ids=["read", "early"])
async def test_odd_requests_reach_the_service_as_h11_reads_them_or_not_at_all(
    street: Street, path: bytes, bytewise: bool
) -> None:
    async def meet(number: int, case: Case) -> None:
        mark = b"-%d." % number
        sent = case.on(OPEN + path + mark, OPEN + b"next" + mark, OPEN + b"evil" + mark)
        await send(street.port, sent, bytewise)
        noted = street.noted(mark)
        wanted = [each for each in verdict(b"".join(sent.pieces)) if each[1].startswith(OPEN)]
        if path == b"early":
            noted, wanted = ([(method, target, 0) for method, target, _ in each] for each in (noted, wanted))
        assert noted == wanted[: len(noted)], case.name
        assert case.name not in SERVED or noted == wanted, case.name

    async with calling(street.port) as victim:
        everybody = asyncio.gather(*(meet(number, case) for number, case in enumerate(CASES)))
        while not everybody.done():
            await victim.posts_ten()
        await everybody
        await victim.posts_ten()
    assert all(target.endswith((b".", b"victim")) for _, target, _ in street.echo.served)


async def test_mutated_requests_reach_the_service_as_h11_reads_them_or_not_at_all(street: Street) -> None:
    mutation = Mutation(Random(8))
    async with calling(street.port) as victim:
        for _ in range(size(6, 200)):
            sent = [mutated_case(mutation, b"a") for _ in range(50)]
            allowed = Counter(each for case in sent for each in verdict(b"".join(case.pieces)))
            await asyncio.gather(*(send(street.port, case, bytewise=False) for case in sent))
            await victim.posts_ten()
            noted = Counter(each for each in street.echo.served if each[1] != OPEN + b"victim")
            assert noted <= allowed, noted - allowed
            street.echo.served.clear()


def mutated_case(mutation: Mutation, path: bytes) -> Case:
    case = mutation.random.choice(CASES).on(OPEN + path, OPEN + b"next", OPEN + b"evil")
    return Case(case.name, (mutation.of(b"".join(case.pieces)),), half_close=True)


# Services that do not keep to what they declared, each as what it does to the connection after reading a request.

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
async def misbehaving(shared_database: Database, tmp_path: Path) -> AsyncIterator[Door]:
    servers = [
        await asyncio.start_unix_server(misbehave, path=f"{tmp_path}/{name}.sock") for name in SERVICES
    ]
    settings = settings_of(shared_database, Services(tmp_path), tmp_path, open_requests_per_minute=10**9)
    async with listening(settings) as door:
        yield door
    for server in servers:
        server.close()


@pytest.mark.parametrize("method", ["POST", "GET", "HEAD"])
async def test_after_an_odd_answer_everybody_gets_their_own(misbehaving: Door, method: str) -> None:
    port = int(misbehaving.url.rpartition(":")[2])
    async with calling(port) as victim:
        for path in [*SCENARIOS, b"answers-early"]:
            answer = await send(port, odd_request(method, path), bytewise=False)
            assert answer.startswith(b"HTTP/1.1 "), path
            assert not answer.startswith(b"HTTP/1.1 500"), path
            assert b"no" not in answer.partition(b"\r\n\r\n")[2][:2], path
            await victim.posts_ten()


async def test_mutated_requests_to_odd_services_harm_nobody(misbehaving: Door) -> None:
    port = int(misbehaving.url.rpartition(":")[2])
    mutation = Mutation(Random(9))
    async with calling(port) as victim:
        for path in [*SCENARIOS, b"answers-early"]:
            if path in UNASKED:
                continue
            sent = [mutated_case(mutation, path) for _ in range(size(16, 160))]
            await asyncio.gather(*(send(port, case, bytewise=False) for case in sent), victim.posts_ten())
            await victim.posts_ten()


async def test_an_answer_to_half_a_large_body_ends_its_connection(misbehaving: Door) -> None:
    """The service has answered and the rest of the body has nowhere to go: no later request may carry it."""
    port = int(misbehaving.url.rpartition(":")[2])
    upstream = misbehaving.app.state.open_upstreams["intake"]
    async with calling(port) as victim:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"POST %sanswers-early HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n%s"
            % (OPEN, b"x" * 50_000)
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
