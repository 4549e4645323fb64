"""Reading callers' bodies: whole small ones before a service is troubled, and within what callers nobody knows may hold."""

from __future__ import annotations

import asyncio

from starlette.types import Message, Receive

from chassis.problems import Problem
from gateway.proxy.failures import Gone, Overloaded

# How long a caller may pause while sending a body or reading an answer; the server's own limits are tighter.
CALLER_IDLE_SECONDS = 60.0


class TooSlow(Problem):
    status, slug, title = 408, "request-timeout", "The body did not arrive in time"


class BodyBudget:
    """What callers without a token may make us hold at once, in bytes."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.held = 0

    def take(self, size: int) -> None:
        """Make room; Overloaded where there is none."""
        if self.held + size > self.most_bytes:
            raise Overloaded
        self.held += size

    def give_back(self, size: int) -> None:
        """The body has been passed on or dropped."""
        self.held -= size


async def receive_within(receive: Receive) -> Message:
    """The caller's next message; TooSlow when it lets us wait."""
    try:
        async with asyncio.timeout(CALLER_IDLE_SECONDS):
            return await receive()
    except TimeoutError:
        raise TooSlow from None


async def read_body(receive: Receive, length: int, budget: BodyBudget | None) -> bytes:
    """A whole body of `length` bytes. Gone when the caller hangs up, Overloaded when `budget` is used up."""
    if budget is None:
        return await _read(receive)
    budget.take(length)
    try:
        return await _read(receive)
    finally:
        budget.give_back(length)


async def _read(receive: Receive) -> bytes:
    """No time is kept here: the server itself parts with who sends a small body slowly."""
    message = await receive()
    parts = [message.get("body", b"")]
    while message["type"] == "http.request" and message.get("more_body", False):
        message = await receive()
        parts.append(message.get("body", b""))
    if message["type"] != "http.request":
        raise Gone
    return b"".join(parts)
