"""Lines to one installation: they take the steps of conversations, one in the caller's thread, one on the event loop."""

from __future__ import annotations

import asyncio
import ssl
import threading
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx2

from otklik_client.calls import Call
from otklik_client.errors import OtklikError
from otklik_client.exchange import Credentials, Exchange
from otklik_client.steps import Steps

R = TypeVar("R")
T = TypeVar("T")
LOST = (httpx2.TransportError, httpx2.InvalidURL, httpx2.DecodingError, httpx2.TooManyRedirects)
FAILURES = (*LOST, OtklikError)  # what a conversation hears of: a token that cannot be had, too
CONNECT_SECONDS = 5.0


@dataclass(frozen=True)
class Way:
    """How an installation is reached. `patience`: for how many seconds a call is tried; `timeout`: how long, in seconds, the
    other side may be silent; `tls`: whom to trust, else whom this machine trusts."""

    url: str
    credentials: Credentials
    patience: float
    timeout: float
    connections: int
    tls: ssl.SSLContext | None

    def options(self) -> dict[str, Any]:
        """Of either HTTP client."""
        url = self.url.rstrip("/")
        return {
            "base_url": url,
            "timeout": httpx2.Timeout(
                self.timeout, connect=min(self.timeout, CONNECT_SECONDS), pool=self.patience
            ),
            "limits": httpx2.Limits(
                max_connections=self.connections, max_keepalive_connections=self.connections
            ),
            "headers": {"User-Agent": "otklik-client"},
            # Without TLS there is nothing to verify, and reading all certificates takes 30 ms.
            "verify": self.tls or not url.startswith("http://"),
        }

    def exchange(self) -> Exchange:
        """Whatever is known of the other side."""
        return Exchange(self.url.rstrip("/"), self.credentials, self.patience)


class Line:
    """Sends in the caller's thread; threads may share it."""

    def __init__(self, way: Way) -> None:
        self.http = httpx2.Client(**way.options())
        self.exchange = way.exchange()
        self.lock = threading.Lock()

    def send(self, call: Call[T]) -> T:
        """The answer to a call. ProblemError for one that is no success, NotReachable for none."""
        return self.run(self.exchange.perform(call))

    def run(self, steps: Steps[R]) -> R:
        """A whole conversation; what it comes to."""
        try:
            step = next(steps)
            while True:
                try:
                    given = step.now(self)
                except FAILURES as lost:
                    step = steps.throw(lost)
                else:
                    step = steps.send(given)
        except StopIteration as end:
            result: R = end.value
            return result

    def close(self) -> None:
        """Give back the sockets."""
        self.http.close()


class AsyncLine:
    """Sends on the event loop; tasks may share it."""

    def __init__(self, way: Way) -> None:
        self.http = httpx2.AsyncClient(**way.options())
        self.exchange = way.exchange()
        self.lock = asyncio.Lock()

    async def send(self, call: Call[T]) -> T:
        """The answer to a call. ProblemError for one that is no success, NotReachable for none."""
        return await self.run(self.exchange.perform(call))

    async def run(self, steps: Steps[R]) -> R:
        """A whole conversation; what it comes to."""
        try:
            step = next(steps)
            while True:
                try:
                    given = await step.soon(self)
                except FAILURES as lost:
                    step = steps.throw(lost)
                else:
                    step = steps.send(given)
        except StopIteration as end:
            result: R = end.value
            return result

    async def close(self) -> None:
        """Give back the sockets."""
        await self.http.aclose()
