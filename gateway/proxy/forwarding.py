"""Forwarding one request to a service and its answer back."""

from __future__ import annotations

import asyncio

from starlette.types import Receive, Scope, Send

from gateway.proxy.answers import SMALL_BODY
from gateway.proxy.bodies import BodyBudget, read_body, require_room
from gateway.proxy.connections import Connection
from gateway.proxy.failures import UpstreamTimeout
from gateway.proxy.requests import Outgoing, outgoing
from gateway.proxy.streaming import Upload, pass_answer, watch_caller
from gateway.proxy.upstreams import Upstream
from gateway.routes import Route

# These may be sent again when an idle connection turns out to have been closed under them.
REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})


async def forward(
    upstream: Upstream,
    route: Route,
    scope: Scope,
    receive: Receive,
    send: Send,
    authorization: bytes | None,
    budget: BodyBudget | None,
) -> int:
    """Forward a request and its answer; returns the status.

    `budget`: of a route that needs no token. Whoever sends a body there holds up nobody but themselves, however slowly
    it comes: no connection to the service is taken before it is whole. Elsewhere only large bodies are passed on as
    they come.
    Raises a Problem while nothing has been answered, Gone when nothing can be answered any more.
    """
    request = outgoing(scope, authorization, upstream.name)
    length = request.length
    require_room(length or 0, route.max_body)
    if budget is None and (length is None or length > SMALL_BODY):
        return await Upload(upstream, route, receive, send).run(request)
    body = b"" if length == 0 else await read_body(receive, route.max_body, budget)
    if length is None:
        request = outgoing(scope, authorization, upstream.name, len(body))
    return await _forward_whole(upstream, route, request, body, receive, send)


async def _forward_whole(
    upstream: Upstream, route: Route, request: Outgoing, body: bytes, receive: Receive, send: Send
) -> int:
    connection = await _ask(upstream, route, request, body)
    answer = connection.answer
    try:
        if answer.complete:
            await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
            await send({"type": "http.response.body", "body": connection.take()})
        else:
            watching = asyncio.create_task(watch_caller(receive, connection))
            try:
                await pass_answer(connection, send, route.seconds)
            finally:
                watching.cancel()
        return answer.status
    finally:
        connection.finish()


async def _ask(upstream: Upstream, route: Route, request: Outgoing, body: bytes) -> Connection:
    """Send a whole request and wait for the head of its answer."""
    while True:
        connection = await upstream.acquire()
        try:
            connection.begin(request, body)
            async with asyncio.timeout(route.seconds):
                await connection.head()
            return connection
        except TimeoutError:
            connection.abort()
            raise UpstreamTimeout from None
        except OSError:
            connection.abort()
            if not (connection.used and request.method in REPEATABLE):
                raise upstream.unavailable() from None
        except BaseException:
            connection.abort()
            raise
