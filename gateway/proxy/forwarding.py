"""Forwarding one request to a service and its answer back."""

from __future__ import annotations

import asyncio

import h11
from starlette.types import Receive, Scope, Send

from chassis.problems import TooLarge
from gateway.proxy.bodies import BodyBudget, read_body
from gateway.proxy.connections import SMALL_BODY, Connection
from gateway.proxy.failures import UpstreamTimeout
from gateway.proxy.requests import outgoing
from gateway.proxy.streaming import Upload, pass_answer, watch_caller
from gateway.proxy.upstreams import Upstream
from gateway.routes import Route

# These may be sent again when an idle connection turns out to have been closed under them.
REPEATABLE = frozenset({b"GET", b"HEAD", b"OPTIONS"})


async def forward(
    upstream: Upstream,
    route: Route,
    scope: Scope,
    receive: Receive,
    send: Send,
    authorization: bytes | None,
    budget: BodyBudget | None,
) -> int:
    """Forward a request and its answer; returns the status. `budget`: of a caller without a token.

    Raises a Problem while nothing has been answered, Gone when nothing can be answered any more.
    """
    request = outgoing(scope, authorization, upstream.name)
    length = request.length
    if length is not None and length > route.max_body:
        raise TooLarge(f"At most {route.max_body} bytes.")
    if length is None or length > SMALL_BODY:
        return await Upload(upstream, route, receive, send).run(request.head)
    # A small body is whole before a connection to the service is taken: slow callers hold up nobody but themselves.
    body = await read_body(receive, length, budget) if length else b""
    return await _forward_whole(upstream, route, request.head, body, receive, send)


async def _forward_whole(
    upstream: Upstream, route: Route, head: h11.Request, body: bytes, receive: Receive, send: Send
) -> int:
    connection = await _ask(upstream, route, head, body)
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


async def _ask(upstream: Upstream, route: Route, head: h11.Request, body: bytes) -> Connection:
    """Send a whole request and wait for the head of its answer."""
    while True:
        connection = await upstream.acquire()
        try:
            connection.begin(head, body)
            async with asyncio.timeout(route.seconds):
                await connection.head()
            return connection
        except TimeoutError:
            connection.abort()
            raise UpstreamTimeout from None
        except OSError:
            connection.abort()
            if not (connection.used and head.method in REPEATABLE):
                raise upstream.unavailable() from None
        except BaseException:
            connection.abort()
            raise
