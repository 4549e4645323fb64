"""Forwarding one request to a service and its answer back."""

from __future__ import annotations

import asyncio

from gateway.proxy.answers import SMALL_BODY
from gateway.proxy.bodies import read_body, require_room
from gateway.proxy.connections import Connection
from gateway.proxy.exchanges import Exchange
from gateway.proxy.failures import UpstreamTimeout
from gateway.proxy.requests import Outgoing
from gateway.proxy.streaming import Upload, pass_answer, watch_caller
from gateway.proxy.upstreams import Upstream

# These may be sent again when an idle connection turns out to have been closed under them.
REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})


async def forward(upstream: Upstream, exchange: Exchange) -> int:
    """Forward a request and its answer; returns the status.

    Raises a Problem while nothing has been answered, Gone when nothing can be answered any more.
    """
    route, bulkhead = exchange.route, exchange.bulkhead
    length = exchange.body_length()
    require_room(length or 0, route.max_body)
    if bulkhead.streams and (length is None or length > SMALL_BODY):
        request = exchange.outgoing(upstream.name, length)
        return await Upload(upstream, exchange).run(request)
    body = b"" if length == 0 else await read_body(exchange.receive, route.max_body, bulkhead.budget)
    request = exchange.outgoing(upstream.name, len(body))
    connection = await _ask(upstream, request, body, route.seconds)
    try:
        await _answer(connection, exchange)
        return connection.answer.status
    finally:
        connection.finish()


async def _ask(upstream: Upstream, request: Outgoing, body: bytes, seconds: float) -> Connection:
    """Send a whole request and wait for the head of its answer."""
    while True:
        connection = await upstream.acquire()
        try:
            with connection:
                connection.begin(request, body)
                await connection.head_within(seconds)
            return connection
        except TimeoutError:
            raise UpstreamTimeout from None
        except OSError:
            if not (connection.used and request.method in REPEATABLE):
                raise upstream.unavailable() from None


async def _answer(connection: Connection, exchange: Exchange) -> None:
    """Pass an answer on whose head has come."""
    answer, send = connection.answer, exchange.send
    if answer.complete:
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": connection.take()})
        return
    watching = asyncio.create_task(watch_caller(exchange.receive, connection))
    try:
        await pass_answer(connection, send, exchange.route.seconds)
    finally:
        watching.cancel()
