"""One keep-alive HTTP/1.1 connection to a service, on asyncio and httptools.

A library's client builds request, response and header objects for every call; here bytes go in and bytes come out.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import httptools

if TYPE_CHECKING:
    from gateway.proxy.upstreams import Upstream

# An answer up to this size is collected and handed on in one piece.
SMALL_BODY = 64 * 1024
# Unread bytes of an answer at which the service is made to wait.
HIGH_WATER = 512 * 1024
# The same while the request is still being sent: a client may read nothing before it has sent everything.
HOARD_LIMIT = 64 * 1024 * 1024
HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
Headers = list[tuple[bytes, bytes]]


class Connection(asyncio.Protocol):
    """Carries one exchange at a time; `status`, `headers` and the body belong to the current one."""

    transport: asyncio.Transport

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream
        self.parser = httptools.HttpResponseParser(self)
        self.idle_since = 0.0
        self.used = False
        self.closed = False
        self._loop = asyncio.get_running_loop()
        self._busy = False
        self._changed: asyncio.Future[None] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._paused = False

    # What the proxy calls.

    def begin(self, data: bytes, *, head_only: bool, hoard: bool = False) -> None:
        """Start an exchange by sending its first bytes."""
        self.status = 0
        self.headers: Headers = []
        self.complete = False
        self._busy = True
        self._head_only = head_only
        self._reusable = False
        self._length: int | None = None
        self._chunked = False
        self._small = False
        self._chunks: list[bytes] = []
        self._unread = 0
        self._limit = HOARD_LIMIT if hoard else HIGH_WATER
        self.transport.write(data)

    async def write(self, data: bytes) -> None:
        """Send more of the request; waits while the service is slow. ConnectionError when it is gone."""
        if self.closed:
            raise ConnectionResetError
        self.transport.write(data)
        if self._writable is not None:
            await self._writable

    def stop_hoarding(self) -> None:
        """The request is out: from now on the client's pace is the service's pace."""
        self._limit = HIGH_WATER

    async def head(self) -> None:
        """Wait for a whole small answer, or the head of a large one. ConnectionError when it breaks off."""
        while not (self.complete or (self.status and not self._small)):
            await self._change()

    async def more(self) -> None:
        """Wait for the next piece of the body or its end. ConnectionError when it breaks off."""
        while not (self.complete or self._unread):
            await self._change()

    def take(self) -> bytes:
        """What has arrived since the last call."""
        chunks, self._chunks, self._unread = self._chunks, [], 0
        if self._paused and not self.closed:
            self._paused = False
            self.transport.resume_reading()
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def finish(self, *, sent: bool = True) -> None:
        """The exchange is over: keep the connection for the next one where that is safe.

        `sent` is False when the service answered before it had the whole request.
        """
        self._busy = False
        if sent and self.complete and self._reusable and not self.closed:
            self.used = True
            self.upstream.keep(self)
        else:
            self.abort()

    def abort(self) -> None:
        """Close at once."""
        self._busy = False
        if not self.closed:
            self.transport.abort()

    async def _change(self) -> None:
        if self.closed:
            raise ConnectionResetError
        self._changed = self._loop.create_future()
        await self._changed

    def _wake(self) -> None:
        if self._changed is not None and not self._changed.done():
            self._changed.set_result(None)

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.upstream.count()

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True
        self.upstream.forget(self)
        if self._busy and self.status and self._length is None and not self._chunked and error is None:
            self.complete = True  # a body without a length ends with its connection
        self._wake()
        if self._writable is not None and not self._writable.done():
            self._writable.set_exception(ConnectionResetError())

    def pause_writing(self) -> None:
        self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        waiting, self._writable = self._writable, None
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    def data_received(self, data: bytes) -> None:
        if not self._busy:
            self.abort()
            return
        try:
            self.parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.abort()
            return
        if self._unread > self._limit and not self._paused:
            self._paused = True
            self.transport.pause_reading()
        self._wake()

    # What the parser calls.

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name == b"content-length":
            self._length = int(value)
        elif name in HOP_BY_HOP:
            self._chunked = self._chunked or name == b"transfer-encoding"
            return
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        status = self.parser.get_status_code()
        if status < 200:
            return
        self.status = status
        self._small = self._length is not None and self._length <= SMALL_BODY
        # httptools cannot be told that an answer to HEAD has no body: such a connection is not used again.
        self._reusable = not self._head_only and self.parser.should_keep_alive()
        self.complete = self._head_only

    def on_body(self, data: bytes) -> None:
        if not self._head_only:
            self._chunks.append(data)
            self._unread += len(data)

    def on_message_complete(self) -> None:
        if self.status:
            self.complete = True
        else:
            self.headers.clear()  # an interim answer (1xx)
