"""One keep-alive HTTP/1.1 connection to a service: requests are written, answers read as `answers` says (ADR 12)."""

from __future__ import annotations

import asyncio
import select
from types import TracebackType
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


class SizedBody:
    """A body that goes as it is, and has exactly the declared length."""

    def __init__(self, length: int) -> None:
        self.left = length

    def frame(self, data: bytes) -> bytes:
        """A piece as it is sent."""
        self.left -= len(data)
        if self.left < 0:
            raise WrongLength
        return data

    def end(self) -> bytes:
        """What is sent after the last piece."""
        if self.left:
            raise WrongLength
        return b""


class ChunkedBody:
    """A body whose length is not known beforehand."""

    def frame(self, data: bytes) -> bytes:
        """A piece as it is sent; an empty chunk would be the last one."""
        return b"%x\r\n%b\r\n" % (len(data), data) if data else b""

    def end(self) -> bytes:
        """What is sent after the last piece."""
        return b"0\r\n\r\n"


class Connection(asyncio.Protocol):
    """Serves one exchange at a time; `answer` is the one to the current request.

    As a context manager it is aborted by whatever is raised inside.
    """

    transport: asyncio.Transport

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream
        self.idle_since = 0.0
        self.used = False
        self.closed = False
        self._reason: type[OSError] = BrokenOff
        self.answer = Answer.to_nothing()
        self._loop = asyncio.get_running_loop()
        self._readable = select.poll()
        self._body: SizedBody | ChunkedBody = SizedBody(0)
        self._sent = False
        self._limit = HIGH_WATER
        self._changed: asyncio.Future[None] = self._loop.create_future()
        self._changed.set_result(None)
        self._writable = asyncio.Event()
        self._writable.set()
        self._paused = False

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is not None:
            self.abort()

    # What the proxy calls.

    def begin(self, request: Outgoing, body: bytes) -> None:
        """Start an exchange with a whole request. WrongLength where head and body do not fit."""
        if len(body) != request.length:
            raise WrongLength
        self.answer = Answer(request.method)
        self._sent, self._limit = True, HIGH_WATER
        self.transport.write(request.head + body)

    def begin_upload(self, request: Outgoing) -> None:
        """Start an exchange with the head of a request, whose body follows by `send`."""
        self.answer = Answer(request.method)
        self._sent, self._limit = False, HIGH_WATER_SENDING
        self._body = ChunkedBody() if request.length is None else SizedBody(request.length)
        self.transport.write(request.head)

    async def send(self, data: bytes) -> None:
        """Send more of the body; waits while the service is slow. BrokenOff when it is gone."""
        if self.closed:
            raise BrokenOff
        self.transport.write(self._body.frame(data))
        await self._writable.wait()

    def end(self) -> None:
        """The request is whole: from now on the caller's pace is the service's pace."""
        last = self._body.end()
        if not self.closed:
            self.transport.write(last)
        self._sent, self._limit = True, HIGH_WATER

    async def head(self) -> None:
        """Wait for a whole small answer, or the head of a large one. BrokenOff when it does not come."""
        while not self.answer.ready:
            await self._change()

    async def head_within(self, seconds: float) -> None:
        """The same; TimeoutError when it does not come in time. (`asyncio.timeout` would cost a tenth of a request.)"""
        silence = self._loop.call_later(seconds, self._give_up)
        try:
            await self.head()
        finally:
            silence.cancel()

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
        if self.transport.is_closing() or not (self._sent and self.answer.is_clean):
            self.abort()
            return
        self.used = True
        self.upstream.keep(self)

    def abort(self, reason: type[OSError] = BrokenOff) -> None:
        """Close at once; its place is free at once as well, not only when asyncio has closed it.

        `reason`: what is raised to whoever waits for the answer.
        """
        if not self.closed:
            self._reason = reason
            self._close()
            self.transport.abort()

    def is_quiet(self) -> bool:
        """Nothing has come while nothing was asked, the service's goodbye included."""
        return not self.transport.is_closing() and not self._readable.poll(0)

    def _close(self) -> None:
        self.closed = True
        self.upstream.discard(self)
        self._writable.set()
        self._wake()

    def _give_up(self) -> None:
        if not self.answer.ready:
            self.abort(TimeoutError)

    async def _change(self) -> None:
        if self.closed:
            raise self._reason
        self._changed = self._loop.create_future()
        await self._changed

    def _wake(self) -> None:
        if not self._changed.done():
            self._changed.set_result(None)

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._readable.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def connection_lost(self, error: Exception | None) -> None:
        if self.closed:  # by ourselves
            return
        if error is None:
            self.answer.end()
        self._close()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        try:
            self.answer.feed(data)
        except Malformed:
            self.abort()
            return
        if self.answer.unread > self._limit:
            self._paused = True
            self.transport.pause_reading()
        self._wake()
