"""What is written to services: heads of whole lines, bodies as long as they were declared."""

from __future__ import annotations

import asyncio
from pathlib import Path

import h11
import pytest
from starlette.types import Message

from gateway.proxy.bodies import BodyBudget
from gateway.proxy.connections import WrongLength
from gateway.proxy.exchanges import Bulkhead, Exchange
from gateway.proxy.headers import Headers
from gateway.proxy.requests import BadLength, make_request
from gateway.proxy.upstreams import Upstream
from gateway.routes import Route

HOST = (b"host", b"x")


async def receive() -> Message:
    return {"type": "http.disconnect"}


async def send(message: Message) -> None:
    pass


def exchange_of(method: str, headers: Headers) -> Exchange:
    scope = {"method": method, "raw_path": b"/a", "query_string": b"q=1", "headers": headers}
    bulkhead = Bulkhead({}, BodyBudget(0), streams=True)
    return Exchange(Route("/a", "service"), scope, dict(headers), receive, send, None, bulkhead)


@pytest.mark.parametrize("header", [(b"x", b"a\r\nb: c"), (b"x\r\ny", b"a"), (b"x", b"a\nb")])
def test_a_header_is_one_line(header: tuple[bytes, bytes]) -> None:
    with pytest.raises(ValueError, match="line break"):
        make_request("GET", b"/a", [HOST, header], 0)


@pytest.mark.parametrize(
    ("method", "framing", "length"),
    [
        ("POST", (b"content-length", b"4"), 4),
        ("POST", (b"transfer-encoding", b"chunked"), None),
        ("POST", (b"x", b"y"), 0),
        ("GET", (b"content-length", b"0"), 0),
        ("GET", (b"content-length", b"4"), 4),
    ],
)
def test_heads_are_read_by_h11_as_they_were_meant(
    method: str, framing: tuple[bytes, bytes], length: int | None
) -> None:
    headers = [
        HOST,
        (b"connection", b"upgrade, x-private"),
        (b"upgrade", b"h2c"),
        (b"x-private", b"1"),
        framing,
    ]
    exchange = exchange_of(method, headers)
    request = exchange.outgoing("service", exchange.body_length())
    reader = h11.Connection(h11.SERVER)
    reader.receive_data(request.head)
    event = reader.next_event()
    assert isinstance(event, h11.Request)
    assert (event.method, event.target, request.length) == (method.encode(), b"/a?q=1", length)
    assert not {name for name, _ in event.headers} & {b"connection", b"upgrade", b"x-private"}
    assert isinstance(reader.next_event(), h11.EndOfMessage) == (length == 0)


@pytest.mark.parametrize("digits", [21, 4_301])
def test_a_length_longer_than_any_number_is_a_400(digits: int) -> None:
    exchange = exchange_of("POST", [HOST, (b"content-length", b"1" * digits)])
    with pytest.raises(BadLength) as refused:
        exchange.body_length()
    assert refused.value.status == 400


async def test_a_body_of_another_length_than_declared_is_noticed(tmp_path: Path) -> None:
    gone = asyncio.Event()

    async def read_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        gone.set()

    server = await asyncio.start_unix_server(read_all, path=f"{tmp_path}/s.sock")
    connection = await Upstream("service", f"unix:{tmp_path}/s.sock", 1).acquire()
    request = make_request("POST", b"/a", [HOST], 5)
    with pytest.raises(WrongLength):
        connection.begin(request, b"abcd")
    connection.begin_upload(request)
    await connection.send(b"abcd")
    with pytest.raises(WrongLength):
        connection.end()
    with pytest.raises(WrongLength):
        await connection.send(b"ef")
    connection.abort()
    await gone.wait()
    server.close()
