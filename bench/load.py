"""A small HTTP load generator in a process of its own: keep-alive connections, ready-made requests, no retries.

`python -m bench.load URL SECONDS CONNECTIONS < requests.json` prints one JSON line. The same generator is used for
the reference and for the system, so its own cost is in both.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httptools
import uvloop


class Connection(asyncio.Protocol):
    """Sends a request when it is given one, and hands on the whole answer."""

    def __init__(self, load: Load | Steady) -> None:
        self.load = load
        self.parser: Any = None
        self.started = 0.0
        self.body = b""
        self.closed = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def begin(self, request: bytes) -> None:
        """Send a request."""
        self.parser = httptools.HttpResponseParser(self)
        self.started = time.perf_counter()
        self.body = b""
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_body(self, data: bytes) -> None:
        """A piece of the answer."""
        self.body += data

    def on_message_complete(self) -> None:
        """One answer is whole."""
        self.load.done(self, self.parser.get_status_code())

    def connection_lost(self, error: Exception | None) -> None:
        if error is not None:
            self.load.lost()
        if not self.closed.done():
            self.closed.set_result(None)


class BusyConnection(Connection):
    """Sends one request after another until the round is over."""

    load: Load

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.load.go_on(self)


def write_requests(url: str, headers: dict[str, str], bodies: list[str]) -> list[bytes]:
    """POSTs ready to be sent."""
    parts = urlsplit(url)
    head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return [
        (head + f"Content-Length: {len(body.encode())}\r\n\r\n").encode() + body.encode() for body in bodies
    ]


class Load:
    """One round of load."""

    def __init__(
        self, url: str, seconds: float, connections: int, headers: dict[str, str], bodies: list[str]
    ) -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 80
        self.seconds = seconds
        self.connections = connections
        self.requests = write_requests(url, headers, bodies)
        self.statuses: Counter[int | str] = Counter()
        self.durations: list[float] = []
        self.position = 0
        self.ends_at = 0.0

    def next_request(self) -> bytes | None:
        """The next ready-made request, or None when the round is over."""
        if time.perf_counter() >= self.ends_at or self.position >= len(self.requests):
            return None
        self.position += 1
        return self.requests[self.position - 1]

    def lost(self) -> None:
        """A connection broke off."""
        self.statuses["lost"] += 1

    def done(self, connection: Connection, status: int) -> None:
        """Count an answer and go on."""
        self.statuses[status] += 1
        self.durations.append(time.perf_counter() - connection.started)
        self.go_on(connection)

    def go_on(self, connection: Connection) -> None:
        """Its next request, or its end."""
        request = self.next_request()
        if request is None:
            connection.transport.close()
        else:
            connection.begin(request)

    async def run(self) -> dict[str, Any]:
        """The round's figures: answers a second, statuses, percentiles in milliseconds."""
        loop = asyncio.get_running_loop()
        began = time.perf_counter()
        self.ends_at = began + self.seconds
        protocols = [
            (await loop.create_connection(lambda: BusyConnection(self), self.host, self.port))[1]
            for _ in range(self.connections)
        ]
        await asyncio.gather(*(protocol.closed for protocol in protocols))
        took = time.perf_counter() - began
        return {
            "per_second": len(self.durations) / took,
            "statuses": {str(key): value for key, value in self.statuses.items()},
            "ms": percentiles(self.durations),
            "ran_out_of_requests": self.position >= len(self.requests),
        }


class Steady:
    """Posts at a steady rate, whatever the answers take (open loop): who waits does not slow the others down.

    `answered(moment the request was due, status, body)` is called for every answer.
    """

    def __init__(
        self,
        url: str,
        headers: dict[str, str],
        bodies: list[str],
        per_second: float,
        answered: Callable[[float, int, bytes], None],
    ) -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 80
        self.requests = write_requests(url, headers, bodies)
        self.per_second = per_second
        self.answered = answered
        self.idle: list[Connection] = []
        self.due: dict[Connection, float] = {}
        self.left = len(bodies)
        self.over = asyncio.Event()

    def lost(self) -> None:
        """A connection broke off: its answer will never come."""
        raise ConnectionError("a connection was lost")

    def done(self, connection: Connection, status: int) -> None:
        """Hand on an answer; its connection is free."""
        self.answered(self.due.pop(connection), status, connection.body)
        self.idle.append(connection)
        self.left -= 1
        if not self.left:
            self.over.set()

    async def run(self) -> None:
        """Send everything; returns after the last answer."""
        loop = asyncio.get_running_loop()
        began = time.perf_counter()
        for number, request in enumerate(self.requests):
            due = began + number / self.per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            if not self.idle:
                made = await loop.create_connection(lambda: Connection(self), self.host, self.port)
                self.idle.append(made[1])
            connection = self.idle.pop()
            self.due[connection] = due
            connection.begin(request)
        await self.over.wait()
        for connection in self.idle:
            connection.transport.close()


def percentiles(seconds: list[float]) -> dict[str, float]:
    """p50, p95, p99 and maximum, milliseconds."""
    if not seconds:
        return {}
    ordered = sorted(seconds)
    at = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {
        name: round(ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000, 2)
        for name, share in at.items()
    }


def main() -> None:
    """Read the round from standard input, print its figures."""
    round_ = json.load(sys.stdin)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(Load(**round_).run())))


if __name__ == "__main__":
    main()
