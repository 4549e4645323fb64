"""What a connection keeps in memory, as Python counts it: not what was sent, but what it has become."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from tests.chassis.http1.server import GET, Server, settle
from tests.chassis.http1.verdicts import met

CONNECTIONS = 20
BARE = 12 * 1024  # a connection with nothing on it: protocol, parser, cycle
LONG = b"X: " + b"a" * 63_000 + b"\r\n"
MANY = b"".join(b"%d: %s\r\n" % (number, b"y" * 600) for number in range(98))
START = b"POST /a HTTP/1.1\r\nHost: x\r\n"


async def answers_early(scope: Scope, receive: Receive, send: Send) -> None:
    del receive
    assert scope["headers"]
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def answers(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    await answers_early(scope, receive, send)


async def never_reads(scope: Scope, receive: Receive, send: Send) -> None:
    del receive, send
    assert scope["headers"]
    await asyncio.Event().wait()


async def kept(server: Server, *pieces: bytes) -> int:
    """Bytes that each of several connections keeps after such pieces."""
    await exchanged(server, GET)
    gc.collect()
    tracemalloc.start()
    try:
        connections = [await exchanged(server, *pieces) for _ in range(CONNECTIONS)]
        gc.collect()
        size = tracemalloc.get_traced_memory()[0] // CONNECTIONS
    finally:
        tracemalloc.stop()
    for protocol in connections:
        assert not protocol.transport.closing
        for task in protocol.tasks:
            task.cancel()
    return size


async def exchanged(server: Server, *pieces: bytes) -> Any:
    protocol, _ = server.connect()
    for piece in pieces:
        protocol.data_received(bytes(bytearray(piece)))  # a copy, as from a socket
    await settle()
    return protocol


@pytest.mark.parametrize("headers", [LONG, MANY], ids=["long", "many"])
async def test_an_idle_connection_keeps_nothing_of_its_last_request(headers: bytes) -> None:
    assert await kept(Server(application=answers), START + headers + b"Content-Length: 4\r\n\r\nabcd") < BARE
    assert (
        await kept(Server(application=answers), START + headers + b"Content-Length: 4\r\n\r\nabcd", GET[:9])
        < BARE
    )
    target = START.replace(b"/a", b"/" + b"a" * 60_000)
    assert await kept(Server(application=answers), target + b"Content-Length: 4\r\n\r\nabcd") < BARE
    head = START + headers + b"Content-Length: 60004\r\n\r\n"
    assert await kept(Server(application=answers_early), head + b"b" * 60_000, b"abcd") < BARE


@pytest.mark.parametrize("headers", [LONG, MANY], ids=["long", "many"])
async def test_an_answered_request_whose_body_is_awaited_is_let_go(headers: bytes) -> None:
    head = START + headers + b"Content-Length: 60004\r\n\r\n"
    assert await kept(Server(application=answers_early), head + b"b" * 60_000) < BARE


@pytest.mark.parametrize("headers", [LONG, MANY], ids=["long", "many"])
async def test_a_request_whose_body_is_awaited_is_kept_once(headers: bytes) -> None:
    head = START + headers + b"Content-Length: 4\r\n\r\n"
    assert await kept(Server(application=never_reads), head) < 1.3 * len(head) + BARE


@pytest.mark.parametrize(
    "head",
    [
        b"POST /" + b"a" * 60_000,
        START.replace(b"/a", b"/" + b"a" * 60_000),
        START + LONG[:-2],
        START + LONG,
        START + MANY,
        START + b"".join(b"%d:\r\n" % number for number in range(98)),
    ],
    ids=["line", "target", "value", "header", "headers", "tiny headers"],
)
async def test_incomplete_heads_are_counted_as_what_they_keep(head: bytes) -> None:
    server = Server(application=answers)
    size = await kept(server, head)
    protocol, _ = server.connect()
    assert size < 1.2 * protocol.patrol.held / CONNECTIONS + BARE


async def test_a_head_has_a_hundred_headers() -> None:
    _, written = await met([START + b"Y:\r\n" * 98 + b"Content-Length: 0\r\n\r\n"])
    assert written.startswith(b"HTTP/1.1 200 ")
    _, written = await met([START + b"Y:\r\n" * 99 + b"Content-Length: 0\r\n\r\n"])
    assert written.startswith(b"HTTP/1.1 431 ")
    _, written = await met([START + b"Y:\r\n" * 101])  # before the head is whole
    assert written.startswith(b"HTTP/1.1 431 ")
