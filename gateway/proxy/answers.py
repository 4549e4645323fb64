"""Passing on an answer that is large, or has no known end, while keeping an eye on the caller."""

from __future__ import annotations

import asyncio

from starlette.types import Message, Receive, Send

from chassis.problems import Problem
from gateway.proxy.connections import Connection

# How long a caller may pause while sending a body or reading an answer.
CALLER_IDLE_SECONDS = 60.0


class TooSlow(Problem):
    status, slug, title = 408, "request-timeout", "The body did not arrive in time"


class UpstreamTimeout(Problem):
    status, slug, title = 504, "upstream-timeout", "The service did not answer in time"


class Gone(Exception):
    """The caller went away, or an answer broke off after it had begun."""


async def receive_within(receive: Receive) -> Message:
    """The caller's next message; TooSlow when it lets us wait."""
    try:
        async with asyncio.timeout(CALLER_IDLE_SECONDS):
            return await receive()
    except TimeoutError:
        raise TooSlow from None


async def pass_answer(connection: Connection, send: Send, silence: float | None) -> None:
    """Start the answer and pass its body on piece by piece. Gone when it breaks off.

    `silence`: seconds the service may pause. An answer that breaks off is not ended, so that the caller notices.
    """
    try:
        await send(
            {"type": "http.response.start", "status": connection.status, "headers": connection.headers}
        )
        while True:
            data, last = connection.take(), connection.complete
            if data or last:
                async with asyncio.timeout(CALLER_IDLE_SECONDS):
                    await send({"type": "http.response.body", "body": data, "more_body": not last})
            if last:
                return
            async with asyncio.timeout(silence):
                await connection.more()
    except OSError:  # TimeoutError is one
        raise Gone from None


async def watch_caller(receive: Receive, connection: Connection) -> None:
    """Cut the service off when the caller hangs up."""
    while (await receive())["type"] != "http.disconnect":
        pass
    if not connection.complete:
        connection.abort()
