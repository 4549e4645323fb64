"""Continuous pulling from one JetStream consumer: one request stands at the server, and is followed up in time."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg

PULL_EXPIRES_SECONDS = 20.0
# A pull holds many small messages or a few large ones: what is fetched must be worked off within the ack wait.
PULL_MESSAGES = 200
PULL_BYTES = 1024 * 1024
# A request whose bytes are used up to the last one ends without a word, so the next is made before that.
NEARLY_ALL_BYTES = PULL_BYTES * 3 // 4
SILENCE_SECONDS = 12.0
LITTLE_BYTES = 32 * 1024  # less than this is worth waiting for company
COMPLETED, TOO_LARGE = "Batch Completed", "Message Size Exceeds MaxBytes"  # 409s that only end a request
PING = "100"  # nothing but that the server is there
_ENDS = frozenset({"404", "408"})
_PATIENCE = {"expires": int(PULL_EXPIRES_SECONDS * 1e9), "idle_heartbeat": int(5e9)}
_MANY = orjson.dumps({"batch": PULL_MESSAGES, "max_bytes": PULL_BYTES, **_PATIENCE})
_ALONE = orjson.dumps({"batch": 1, **_PATIENCE})


@dataclass
class Request:
    """One that was made to the server, and what has come for it."""

    payload: bytes
    wanted: int
    messages: int = 0
    size: int = 0  # bytes
    is_over: bool = False
    too_large: bool = False

    def is_nearly_done(self) -> bool:
        """Whether it has ended, or is about to."""
        return self.is_over or self.messages >= self.wanted or self.size >= NEARLY_ALL_BYTES

    def next(self) -> Request:
        """The one after it. Too large although nothing else came: it would be for every request, so it comes alone."""
        if self.too_large and not self.messages:
            return Request(_ALONE, 1)
        return Request(_MANY, PULL_MESSAGES)


class Pulling:
    """What one consumer has asked for and what has come.

    Each request has an inbox of its own, so that the server's words about an older one are not taken for words about
    the one that stands now.
    """

    def __init__(self, client: Client, stream: str, durable: str) -> None:
        self.client = client
        self.inbox = client.new_inbox()
        self.arrived: deque[Msg] = deque()
        self.arrived_bytes = 0
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"
        self._something = asyncio.Event()
        self._number = 0
        self._request = Request(_MANY, 0, is_over=True)  # nothing stands at the server
        self._failure = ""

    async def on_message(self, message: Msg) -> None:
        """Called for everything that arrives at the inboxes."""
        status, description = status_of(message)
        if not status:
            self.arrived.append(message)
            self.arrived_bytes += len(message.data)
            self._request.messages += 1
            self._request.size += len(message.data)
        elif message.subject == f"{self.inbox}.{self._number}":
            self._record_status(status, description)
        self._something.set()

    def renew(self) -> None:
        """The connection is a new one: what stood at the server is gone."""
        self._request.is_over = True
        self._something.set()

    async def ask_in_time(self) -> None:
        """Make the next request when the one that stands has ended, or is about to."""
        if self._request.is_nearly_done():
            self._number += 1
            self._request = self._request.next()
            reply = f"{self.inbox}.{self._number}"
            await self.client.publish(self._subject, self._request.payload, reply=reply)

    async def next_batch(self, linger_seconds: float) -> list[Msg]:
        """What has come, after at least something has; may be empty. ConnectionError when the pull is broken."""
        async with asyncio.timeout(SILENCE_SECONDS):
            await self._something.wait()
        if self.arrived_bytes < LITTLE_BYTES:
            await asyncio.sleep(linger_seconds)
        batch = [self.arrived.popleft() for _ in range(min(len(self.arrived), PULL_MESSAGES))]
        self.arrived_bytes -= sum(len(message.data) for message in batch)
        if not self.arrived:
            self._something.clear()
        return batch

    def check(self) -> None:
        """ConnectionError when the server has said that it will not go on like this."""
        if self._failure:
            raise ConnectionError(f"pull ended: {self._failure}")

    async def give_back(self) -> None:
        """Fetched and not begun: without a word they would come again only after the ack wait."""
        for message in self.arrived:
            if message.reply.startswith("$JS.ACK"):
                await message.nak()

    def _record_status(self, status: str, description: str) -> None:
        if status in _ENDS or description in (COMPLETED, TOO_LARGE):
            self._request.is_over = True
            self._request.too_large = description == TOO_LARGE
        elif status != PING:
            self._failure = f"{status} {description}"


def status_of(message: Msg) -> tuple[str, str]:
    """What the server says of the request itself; empty for a real message."""
    if message.data:
        return "", ""
    headers = message.headers or {}
    return headers.get("Status", ""), headers.get("Description", "")
