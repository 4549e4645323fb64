"""One keep-alive HTTP/1.1 connection to a service. Its framing, both ways, is h11's (ADR 12)."""

from __future__ import annotations

import asyncio
import select
from typing import TYPE_CHECKING, cast

import h11

if TYPE_CHECKING:
    from gateway.proxy.upstreams import Upstream

# An answer up to this size is collected and handed on in one piece.
SMALL_BODY = 64 * 1024
# Unread bytes of an answer at which the service is made to wait.
HIGH_WATER = 512 * 1024
# The same while the request is still being sent: a client may read nothing before it has sent everything.
HIGH_WATER_SENDING = 64 * 1024 * 1024
LARGEST_HEAD = 64 * 1024
# Headers that concern one connection only (RFC 9110 §7.6.1), the framing of the body included.
HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authentication-info",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"http2-settings",
    }
)
BODILESS = (204, 304)  # whatever length they tell is not that of a body
Headers = list[tuple[bytes, bytes]]


class BrokenOff(ConnectionError):
    """The service ended the exchange before it was whole, or did not speak HTTP."""


class Connection(asyncio.Protocol):
    """Carries one exchange at a time; `status`, `headers` and the body belong to the current one."""

    transport: asyncio.Transport

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream
        self.idle_since = 0.0
        self.used = False
        self.closed = False
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=LARGEST_HEAD)
        self._loop = asyncio.get_running_loop()
        self._readable = select.poll()
        self._busy = False
        self._changed: asyncio.Future[None] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._paused = False

    # What the proxy calls.

    def begin(self, request: h11.Request, body: bytes | None) -> None:
        """Start an exchange with a whole request, or with its head where `body` is None and follows by `send`.

        LocalProtocolError where head and body do not fit.
        """
        self.status = 0
        self.headers: Headers = []
        self.complete = False
        self._small = False
        self._chunks: list[bytes] = []
        self._unread = 0
        self._limit = HIGH_WATER if body is not None else HIGH_WATER_SENDING
        head = self._http.send(request) or b""
        if body is not None:
            head += self._encode(body) + (self._http.send(h11.EndOfMessage()) or b"")
        self._busy = True
        self.transport.write(head)

    async def send(self, data: bytes) -> None:
        """Send more of the body; waits while the service is slow. BrokenOff when it is gone."""
        if self.closed:
            raise BrokenOff
        self.transport.write(self._encode(data))
        if self._writable is not None:
            await self._writable

    def end(self) -> None:
        """The request is whole: from now on the caller's pace is the service's pace."""
        if not self.closed:
            self.transport.write(self._http.send(h11.EndOfMessage()) or b"")
        self._limit = HIGH_WATER

    async def head(self) -> None:
        """Wait for a whole small answer, or the head of a large one. BrokenOff when it does not come."""
        while not (self.complete or (self.status and not self._small)):
            await self._change()

    async def more(self) -> None:
        """Wait for the next piece of the body or its end. BrokenOff when it breaks off."""
        while not (self.complete or self._unread):
            await self._change()

    def take(self) -> bytes:
        """What has arrived since the last call."""
        chunks, self._chunks, self._unread = self._chunks, [], 0
        if self._paused and not self.closed:
            self._paused = False
            self.transport.resume_reading()
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def finish(self) -> None:
        """The exchange is over: keep the connection for the next one if nothing of this one can be left on it."""
        self._busy = False
        if self.closed or self.transport.is_closing() or not self._is_clean():
            self.abort()
            return
        self._http.start_next_cycle()
        self.used = True
        self.upstream.keep(self)

    def abort(self) -> None:
        """Close at once."""
        self._busy = False
        if not self.closed:
            self.transport.abort()

    def is_quiet(self) -> bool:
        """Nothing has come while nothing was asked, the service's goodbye included."""
        return not self.transport.is_closing() and not self._readable.poll(0)

    def _encode(self, data: bytes) -> bytes:
        return (self._http.send(h11.Data(data=data)) or b"") if data else b""

    def _is_clean(self) -> bool:
        both_done = self._http.our_state is h11.DONE and self._http.their_state is h11.DONE
        return both_done and self._http.trailing_data == (b"", False)

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
        self.upstream.count()

    def connection_lost(self, error: Exception | None) -> None:
        if self._busy and error is None:
            self._receive(b"")  # a body without a length ends with its connection
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
        if not self._busy or self.complete:
            self.abort()  # nobody has asked for this
            return
        self._receive(data)
        if self._unread > self._limit and not self._paused:
            self._paused = True
            self.transport.pause_reading()
        self._wake()

    def _receive(self, data: bytes) -> None:
        try:
            self._http.receive_data(data)
            while not self.complete:
                event = self._http.next_event()
                if event is h11.NEED_DATA or event is h11.PAUSED:
                    return
                self._take_event(event)
        except (h11.RemoteProtocolError, RuntimeError):
            self.transport.abort()

    def _take_event(self, event: object) -> None:
        if isinstance(event, h11.Data):
            self._chunks.append(bytes(event.data))
            self._unread += len(event.data)
        elif isinstance(event, h11.Response):
            self._take_head(event)
        elif isinstance(event, h11.EndOfMessage):
            self.complete = True
        elif isinstance(event, h11.ConnectionClosed):
            raise h11.RemoteProtocolError("closed without an answer")

    def _take_head(self, response: h11.Response) -> None:
        named = b",".join(value for name, value in response.headers if name == b"connection")
        dropped = HOP_BY_HOP | {word.strip().lower() for word in named.split(b",")}
        self.status = response.status_code
        if self.status in BODILESS:
            dropped = dropped | {b"content-length"}
        for name, value in response.headers:
            if name == b"content-length":
                self._small = int(value) <= SMALL_BODY
            if name not in dropped:
                self.headers.append((name, value))
