"""Continuous pulling from one JetStream consumer: one request stands at the server, and is followed up in time."""

from __future__ import annotations

import asyncio
from collections import deque

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
_PATIENCE = {"expires": int(PULL_EXPIRES_SECONDS * 1e9), "idle_heartbeat": int(5e9)}
_MANY = orjson.dumps({"batch": PULL_MESSAGES, "max_bytes": PULL_BYTES, **_PATIENCE})
_ALONE = orjson.dumps({"batch": 1, **_PATIENCE})


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
        self._request = 0
        self._came, self._came_bytes = 0, 0  # for the request that stands
        self._wanted = 0
        self._over = True  # nothing stands at the server
        self._too_large = False
        self._failure = ""

    async def on_message(self, message: Msg) -> None:
        """Called for everything that arrives at the inboxes."""
        status, description = status_of(message)
        if not status:
            self.arrived.append(message)
            self.arrived_bytes += len(message.data)
            self._came += 1
            self._came_bytes += len(message.data)
        elif message.subject == f"{self.inbox}.{self._request}":
            self._heed(status, description)
        self._something.set()

    def renew(self) -> None:
        """The connection is a new one: what stood at the server is gone."""
        self._over = True
        self._something.set()

    async def ask_in_time(self) -> None:
        """Make the next request when the one that stands has ended, or is about to."""
        nearly_done = self._came >= self._wanted or self._came_bytes >= NEARLY_ALL_BYTES
        if not (self._over or nearly_done):
            return
        # Too large although nothing else came: it would be too large for every request, so it comes alone.
        alone = self._too_large and not self._came
        self._request += 1
        self._wanted = 1 if alone else PULL_MESSAGES
        self._came, self._came_bytes, self._over, self._too_large = 0, 0, False, False
        await self.client.publish(
            self._subject, _ALONE if alone else _MANY, reply=f"{self.inbox}.{self._request}"
        )

    async def next_batch(self, linger_seconds: float) -> list[Msg]:
        """What has come, after at least something has; may be empty. ConnectionError when the pull is broken."""
        async with asyncio.timeout(SILENCE_SECONDS):
            await self._something.wait()
        if self.arrived_bytes < LITTLE_BYTES:
            await asyncio.sleep(linger_seconds)
        batch: list[Msg] = []
        while self.arrived and len(batch) < PULL_MESSAGES:
            message = self.arrived.popleft()
            self.arrived_bytes -= len(message.data)
            batch.append(message)
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

    def _heed(self, status: str, description: str) -> None:
        if status in ("404", "408") or description in (COMPLETED, TOO_LARGE):
            self._over, self._too_large = True, description == TOO_LARGE
        elif status != "100":
            self._failure = f"{status} {description}"


def status_of(message: Msg) -> tuple[str, str]:
    """What the server says of the request itself; empty for a real message."""
    if message.data:
        return "", ""
    headers = message.headers or {}
    return headers.get("Status", ""), headers.get("Description", "")
