"""Carrying one request to a service and its answer back."""

from __future__ import annotations

import asyncio

from starlette.types import Receive, Scope, Send

from chassis.problems import TooLarge
from gateway.proxy.answers import Gone, UpstreamTimeout, pass_answer, receive_within, watch_caller
from gateway.proxy.connections import SMALL_BODY, Connection
from gateway.proxy.heads import write_head
from gateway.proxy.uploads import Upload
from gateway.proxy.upstreams import Upstream
from gateway.routes import Route

# These may be sent again when an idle connection turns out to have been closed under them.
REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})


async def carry(
    upstream: Upstream, route: Route, scope: Scope, receive: Receive, send: Send, authorization: bytes | None
) -> int:
    """Forward a request and its answer; returns the status.

    Raises a Problem while nothing has been answered, Gone when nothing can be answered any more.
    """
    head, length, chunked = write_head(scope, authorization)
    if length is not None and length > route.max_body:
        raise TooLarge(f"At most {route.max_body} bytes.")
    if chunked or (length or 0) > SMALL_BODY:
        framing = b"content-length: %d" % length if length is not None else b"transfer-encoding: chunked"
        upload = Upload(upstream, route, receive, send, chunked=chunked, head_only=scope["method"] == "HEAD")
        return await upload.run(b"".join((*head, framing, b"\r\n\r\n")))
    if length is None:
        request = b"".join((*head, b"\r\n"))
    else:
        body = await _read_body(receive) if length else b""
        request = b"".join((*head, b"content-length: %d\r\n\r\n" % length, body))
    return await _carry_whole(upstream, route, scope["method"], request, receive, send)


async def _carry_whole(
    upstream: Upstream, route: Route, method: str, request: bytes, receive: Receive, send: Send
) -> int:
    connection = await _ask(upstream, route, method, request)
    try:
        if connection.complete:
            await send(
                {"type": "http.response.start", "status": connection.status, "headers": connection.headers}
            )
            await send({"type": "http.response.body", "body": connection.take()})
        else:
            watching = asyncio.create_task(watch_caller(receive, connection))
            try:
                await pass_answer(connection, send, route.seconds)
            finally:
                watching.cancel()
        return connection.status
    finally:
        connection.finish()


async def _ask(upstream: Upstream, route: Route, method: str, request: bytes) -> Connection:
    """Send a whole request and wait for the head of its answer."""
    repeatable = method in REPEATABLE
    while True:
        connection = await upstream.acquire()
        try:
            connection.begin(request, head_only=method == "HEAD")
            async with asyncio.timeout(route.seconds):
                await connection.head()
            return connection
        except TimeoutError:
            connection.abort()
            raise UpstreamTimeout from None
        except OSError:
            connection.abort()
            if not (repeatable and connection.used):
                raise upstream.unavailable() from None
        except BaseException:
            connection.abort()
            raise


async def _read_body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive_within(receive)
        if message["type"] != "http.request":
            raise Gone
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body
