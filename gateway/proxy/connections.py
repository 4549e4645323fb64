"""One keep-alive HTTP/1.1 connection to a service: requests are written, answers read as `answers` says (ADR 12)."""

from __future__ import annotations

import asyncio
import select
from typing import TYPE_CHECKING, cast

from gateway.proxy.answers import Answer, Malformed
from gateway.proxy.requests import Outgoing

if TYPE_CHECKING:
    from gateway.proxy.upstreams import Upstream

# Unread bytes of an answer at which the service is made to wait.
HIGH_WATER = 512 * 1024
# The same while the request is still being sent: a client may read nothing before it has sent everything.
HIGH_WATER_SENDING = 64 * 1024 * 1024


class BrokenOff(ConnectionError):
    """The service ended the exchange before it was whole, or did not speak HTTP."""


class WrongLength(Exception):
    """The caller's body is longer or shorter than was declared to the service."""


class Connection(asyncio.Protocol):
    """Carries one exchange at a time; `answer` is the one to the current request."""

    transport: asyncio.Transport
    answer: Answer

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream
        self.idle_since = 0.0
        self.used = False
        self.closed = False
        self._loop = asyncio.get_running_loop()
        self._readable = select.poll()
        self._busy = False
        self._owed: int | None = 0  # bytes of the body still to be sent; None when it goes in chunks
        self._sent = False
        self._limit = HIGH_WATER
        self._changed: asyncio.Future[None] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._paused = False

    # What the proxy calls.

    def begin(self, request: Outgoing, body: bytes | None) -> None:
        """Start an exchange with a whole request, or with its head where `body` is None and follows by `send`.

        WrongLength where head and body do not fit.
        """
        if body is not None and len(body) != request.length:
            raise WrongLength
        self.answer = Answer(request.method)
        self._busy = True
        self._sent = body is not None
        self._owed = request.length
        self._limit = HIGH_WATER if self._sent else HIGH_WATER_SENDING
        self.transport.write(request.head + body if body else request.head)

    async def send(self, data: bytes) -> None:
        """Send more of the body; waits while the service is slow. BrokenOff when it is gone."""
        if self.closed:
            raise BrokenOff
        if data:  # an empty chunk would be the last one
            self.transport.write(self._frame(data))
        if self._writable is not None:
            await self._writable

    def end(self) -> None:
        """The request is whole: from now on the caller's pace is the service's pace."""
        if self._owed:
            raise WrongLength
        if self._owed is None and not self.closed:
            self.transport.write(b"0\r\n\r\n")
        self._sent = True
        self._limit = HIGH_WATER

    async def head(self) -> None:
        """Wait for a whole small answer, or the head of a large one. BrokenOff when it does not come."""
        answer = self.answer
        while not (answer.complete or (answer.status and not answer.small)):
            await self._change()

    async def more(self) -> None:
        """Wait for the next piece of the body or its end. BrokenOff when it breaks off."""
        while not (self.answer.complete or self.answer.unread):
            await self._change()

    def take(self) -> bytes:
        """What has arrived since the last call."""
        if self._paused and not self.closed:
            self._paused = False
            self.transport.resume_reading()
        return self.answer.take()

    def finish(self) -> None:
        """The exchange is over: keep the connection for the next one if nothing of this one can be left on it."""
        self._busy = False
        gone = self.closed or self.transport.is_closing()
        unread = self._paused or self.answer.unread  # the next exchange would wait for ever
        if gone or unread or not (self._sent and self.answer.is_clean):
            self.abort()
            return
        self.used = True
        self.upstream.keep(self)

    def abort(self) -> None:
        """Close at once; its place is free at once as well, not only when asyncio has closed it."""
        self._busy = False
        if not self.closed:
            self.transport.abort()
            self.upstream.forget(self)

    def is_quiet(self) -> bool:
        """Nothing has come while nothing was asked, the service's goodbye included."""
        return not self.transport.is_closing() and not self._readable.poll(0)

    def _frame(self, data: bytes) -> bytes:
        if self._owed is None:
            return b"%x\r\n%b\r\n" % (len(data), data)
        self._owed -= len(data)
        if self._owed < 0:
            raise WrongLength
        return data

    async def _change(self) -> None:
        if self.closed:
            raise BrokenOff
        self._changed = self._loop.create_future()
        await self._changed

    def _wake(self) -> None:
        if self._changed is not None and not self._changed.done():
            self._changed.set_result(None)

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._readable.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def connection_lost(self, error: Exception | None) -> None:
        if self._busy and error is None:
            self.answer.end()
        self.closed = True
        self.upstream.forget(self)
        self._wake()
        if self._writable is not None and not self._writable.done():
            self._writable.set_exception(BrokenOff())

    def pause_writing(self) -> None:
        self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        waiting, self._writable = self._writable, None
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    def data_received(self, data: bytes) -> None:
        if not self._busy or self.answer.complete:
            self.abort()  # nobody has asked for this
            return
        try:
            self.answer.feed(data)
        except Malformed:
            self.abort()
            return
        if self.answer.unread > self._limit and not self._paused:
            self._paused = True
            self.transport.pause_reading()
        self._wake()
