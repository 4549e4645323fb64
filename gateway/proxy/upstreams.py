"""A service behind the door: its address and the connections kept open to it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from chassis.problems import Problem, Unavailable
from chassis.serve import split_address
from gateway.proxy.connections import Connection, Headers

CONNECT_SECONDS = 2.0
# Services close idle connections after 75 s; not using old ones keeps requests out of that race.
KEEP_IDLE_SECONDS = 50.0
KEEP_IDLE = 64


class Overloaded(Problem):
    status, slug, title = 503, "overloaded", "Too many requests are under way; repeat this one"


@dataclass(frozen=True)
class Answer:
    """A whole small answer."""

    status: int
    headers: Headers
    body: bytes


class Upstream:
    """Opens and keeps connections to `unix:/path` or `host:port`; sheds load beyond `most_connections`."""

    def __init__(self, name: str, address: str, most_connections: int) -> None:
        self.name = name
        self.address = address
        self.most_connections = most_connections
        self.open = 0
        self._idle: list[Connection] = []
        self._path = address.removeprefix("unix:") if address.startswith("unix:") else ""
        self._place: tuple[str, int] = ("", 0) if self._path else split_address(address)

    async def acquire(self, *, fresh: bool = False) -> Connection:
        """A connection with nothing under way; 503 when there is none to be had."""
        loop = asyncio.get_running_loop()
        oldest = loop.time() - KEEP_IDLE_SECONDS
        while self._idle and not fresh:
            connection = self._idle.pop()
            if connection.idle_since > oldest and not connection.transport.is_closing():
                return connection
            connection.abort()
        if self.open >= self.most_connections:
            raise Overloaded
        return await self._connect(loop)

    def keep(self, connection: Connection) -> None:
        """Take back a connection whose exchange has ended cleanly."""
        if len(self._idle) >= KEEP_IDLE:
            connection.abort()
            return
        connection.idle_since = asyncio.get_running_loop().time()
        self._idle.append(connection)

    def count(self) -> None:
        """A connection has been opened."""
        self.open += 1

    def forget(self, connection: Connection) -> None:
        """A connection has been closed."""
        self.open -= 1
        if connection in self._idle:
            self._idle.remove(connection)

    async def fetch(self, path: str, *, seconds: float, headers: Headers | None = None) -> Answer:
        """A GET of our own. TimeoutError or Unavailable when it fails."""
        extra = b"".join(b"%s: %s\r\n" % header for header in headers or [])
        request = b"GET %s HTTP/1.1\r\nhost: %s\r\n%s\r\n" % (path.encode(), self.name.encode(), extra)
        async with asyncio.timeout(seconds):
            connection = await self.acquire(fresh=True)
            try:
                connection.begin(request, head_only=False)
                await connection.head()
                body = connection.take()
                while not connection.complete:
                    await connection.more()
                    body += connection.take()
                return Answer(connection.status, connection.headers, body)
            except OSError:
                raise self.unavailable() from None
            finally:
                connection.finish()

    def close(self) -> None:
        """Close what is idle."""
        for connection in list(self._idle):
            connection.abort()

    def unavailable(self) -> Unavailable:
        """The problem to answer when this service cannot be reached."""
        return Unavailable(f"The {self.name} service is not reachable; repeat the request.")

    async def _connect(self, loop: asyncio.AbstractEventLoop) -> Connection:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                made: tuple[Any, Connection]
                if self._path:
                    made = await loop.create_unix_connection(lambda: Connection(self), self._path)
                else:
                    made = await loop.create_connection(lambda: Connection(self), *self._place)
        except OSError:  # TimeoutError is one
            raise self.unavailable() from None
        return made[1]
