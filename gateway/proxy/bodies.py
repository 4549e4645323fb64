"""Reading callers' bodies: whole small ones before a service is troubled, and within what callers nobody knows may hold."""

from __future__ import annotations

import asyncio

from starlette.types import Message, Receive

from chassis.problems import Problem, TooLarge
from gateway.proxy.failures import Gone, Overloaded

# How long a caller may pause while sending a body or reading an answer; the server's own limits are tighter.
CALLER_IDLE_SECONDS = 60.0


class TooSlow(Problem):
    status, slug, title = 408, "request-timeout", "The body did not arrive in time"


class BodyBudget:
    """What callers of one kind may make us hold at once, in bytes."""

    def __init__(self, most_bytes: float) -> None:
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


def require_room(size: int, most: int) -> None:
    """413 where a body has more than `most` bytes."""
    if size > most:
        raise TooLarge("At most {most} bytes.", values={"most": most})


def piece_of(message: Message) -> tuple[bytes, bool]:
    """What a caller's message brings of its body, and whether more follows; Gone when it has hung up."""
    if message["type"] != "http.request":
        raise Gone
    return message.get("body", b""), message.get("more_body", False)


async def read_body(receive: Receive, most: int, budget: BodyBudget) -> bytes:
    """A whole body of at most `most` bytes. Gone when the caller hangs up, Overloaded when `budget` is used up.

    What has not come yet is not counted. No time is kept here: the server itself parts with who sends slowly.
    """
    parts: list[bytes] = []
    size, more = 0, True
    try:
        while more:
            data, more = piece_of(await receive())
            require_room(size + len(data), most)
            budget.take(len(data))
            size += len(data)
            parts.append(data)
    finally:
        budget.give_back(size)
    return b"".join(parts)
