"""A service behind the gateway: its address and the connections kept open to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from chassis.problems import Unavailable
from chassis.serve import split_address
from gateway.proxy.connections import Connection
from gateway.proxy.failures import Overloaded
from gateway.proxy.headers import Headers
from gateway.proxy.requests import make_request

CONNECT_SECONDS = 2.0
# Services close idle connections after 75 s; not using old ones keeps requests out of that race.
KEEP_IDLE_SECONDS = 50.0
KEEP_IDLE = 64

Dial = Callable[[Callable[[], Connection]], Awaitable[object]]


@dataclass(frozen=True)
class Fetched:
    """A whole answer to a question of our own."""

    status: int
    headers: Headers
    body: bytes


class Upstream:
    """Opens and keeps connections to `unix:/path` or `host:port`; sheds load beyond `most_connections`."""

    def __init__(self, name: str, address: str, most_connections: int) -> None:
        self.name = name
        self.address = address
        self.most_connections = most_connections
        self._dial = _dial_of(address)
        self._open: set[Connection] = set()  # those still being opened included
        self._idle: list[Connection] = []  # the one used last at the end

    @property
    def open(self) -> int:
        """How many connections there are, and are about to be."""
        return len(self._open)

    async def acquire(self, *, fresh: bool = False) -> Connection:
        """A connection with nothing under way, a new one if it is to be `fresh`; 503 when there is none to be had."""
        kept = None if fresh else self._take_idle()
        return kept or await self._connect()

    def keep(self, connection: Connection) -> None:
        """Take back a connection whose exchange has ended cleanly."""
        if len(self._idle) >= KEEP_IDLE:
            connection.abort()
            return
        connection.idle_since = time.monotonic()
        self._idle.append(connection)

    def discard(self, connection: Connection) -> None:
        """A connection is being closed, or has been: to be told twice harms nothing."""
        self._open.discard(connection)
        with suppress(ValueError):
            self._idle.remove(connection)

    async def fetch(self, path: str, *, seconds: float, headers: Headers | None = None) -> Fetched:
        """A GET of our own. TimeoutError or Unavailable when it fails."""
        sent = [(b"host", self.name.encode()), *(headers or [])]
        request = make_request("GET", path.encode(), sent, 0)
        async with asyncio.timeout(seconds):
            connection = await self.acquire(fresh=True)
            try:
                connection.begin(request, b"")
                await connection.head()
                body = connection.take()
                while not connection.answer.complete:
                    await connection.more()
                    body += connection.take()
                return Fetched(connection.answer.status, connection.answer.headers, body)
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
        return Unavailable(
            "The {service} service is not reachable; repeat the request.", values={"service": self.name}
        )

    def _take_idle(self) -> Connection | None:
        """The connection used last, if it is still good; those that are not are closed."""
        oldest = time.monotonic() - KEEP_IDLE_SECONDS
        while self._idle:
            connection = self._idle.pop()
            if connection.idle_since > oldest and connection.is_quiet():
                return connection
            connection.abort()
        return None

    async def _connect(self) -> Connection:
        if self._idle and self.open >= self.most_connections:
            self._idle[0].abort()
        if self.open >= self.most_connections:
            raise Overloaded
        connection = Connection(self)
        self._open.add(connection)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._dial(lambda: connection)
        except OSError:  # TimeoutError is one
            self.discard(connection)
            raise self.unavailable() from None
        except BaseException:
            self.discard(connection)
            raise
        return connection


def _dial_of(address: str) -> Dial:
    """How to connect to an address."""
    path = address.removeprefix("unix:")
    if path != address:
        return partial(_dial_unix, path)
    return partial(_dial_tcp, *split_address(address))


async def _dial_unix(path: str, make: Callable[[], Connection]) -> None:
    await asyncio.get_running_loop().create_unix_connection(make, path)


async def _dial_tcp(host: str, port: int, make: Callable[[], Connection]) -> None:
    await asyncio.get_running_loop().create_connection(make, host, port)
