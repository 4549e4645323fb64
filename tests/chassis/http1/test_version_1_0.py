"""Callers that speak HTTP/1.0 get what HTTP/1.0 knows."""

from __future__ import annotations

import pytest
from starlette.types import Receive, Scope, Send

from chassis.http1.head import Headers
from tests.chassis.http1.server import Server, settle


@pytest.mark.parametrize(
    ("method", "status", "headers", "body"),
    [
        (b"GET", 200, [], b"abcd"),
        (b"GET", 200, [(b"Transfer-Encoding", b"chunked")], b"abcd"),
        (b"GET", 200, [(b"Content-Length", b"4")], b"abcd"),
        (b"HEAD", 200, [], b""),
        (b"HEAD", 200, [(b"content-length", b"4")], b""),
        (b"GET", 204, [], b""),
    ],
)
async def test_an_answer_without_a_length_ends_with_the_connection(
    method: bytes, status: int, headers: Headers, body: bytes
) -> None:
    async def answers(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for piece in (body[:2], body[2:]):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    protocol, pipe = Server(application=answers).connect()
    protocol.data_received(method + b" /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    await settle()
    head, _, got = bytes(pipe.written).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"transfer-encoding" not in head
    assert b"connection: close" in head
    assert got == body
    assert pipe.closing


async def test_an_answer_keeps_to_its_length() -> None:
    async def promises_more(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
        with pytest.raises(RuntimeError):
            await send({"type": "http.response.body", "body": b"abcd"})

    protocol, pipe = Server(application=promises_more).connect()
    protocol.data_received(b"GET /a HTTP/1.0\r\n\r\n")
    await settle()
    assert pipe.closing


async def test_no_interim_answers() -> None:
    protocol, pipe = Server().connect()
    protocol.data_received(b"POST /a HTTP/1.0\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
    await settle()
    assert not pipe.written
    protocol.data_received(b"abcd")
    await settle()
    assert pipe.written.startswith(b"HTTP/1.1 200 ")
