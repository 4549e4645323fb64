"""uvicorn's HTTP protocol, made strict and bounded. Framing is httptools'; here is only what it leaves open.

It leaves open: upgrades, hosts, targets, versions, sizes, slowness, errors behind requests that are still being answered,
requests sent ahead, halves of requests. What it rests on inside uvicorn is named in ADR 12.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from chassis.http1 import refusals
from chassis.http1.patrol import Unread
from chassis.http1.phases import BODY, HEAD, IDLE, REFUSED, Phase
from chassis.http1.reading import NO_CYCLE, NO_SCOPE, RequestReader
from chassis.http1.version_1_0 import without_chunks
from chassis.http1.writing import AnswerWriter

# A closed half lets the refusal reach the caller before the rest of its bytes meets a reset.
LINGER_SECONDS = 2.0
LAST_CHUNK = b"0\r\n\r\n"


class StrictProtocol(RequestReader):
    """One connection."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._unread = Unread()
        self._held = 0
        self._refused = False
        self._later: bytes | None = None  # a refusal that waits for the answers before it
        self._ahead = b""  # sent ahead: not parsed while an earlier request is being answered
        self._turn = 0  # how many requests in a row were sent ahead
        self._ended = False  # the caller has closed its half
        self._address: str | None = None
        self._answering: RequestResponseCycle | None = None  # the last whose application was started

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast(asyncio.Transport, transport)
        super().connection_made(transport)
        self._writer = AnswerWriter(transport, self.loop)
        self._address = self.client[0] if self.client else None
        if not self.patrol.admit(self, self._address, self.loop):
            self._refuse(refusals.CROWDED)

    def connection_lost(self, exc: Exception | None) -> None:
        self.patrol.release(self, self._address)
        self._ahead = b""
        self._hold(0)
        if self._answering is not None:
            self.cycle = self._answering  # not the one in line: see uvicorn's
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            self._discard(data)
            return
        if self._ahead:
            self._ahead += data
            self.flow.pause_reading()
        else:
            self._feed(data)
        self._weigh()

    def eof_received(self) -> bool:  # type: ignore[override]
        """The caller sends no more. True while something is still to be written to it: a caller that has closed its half
        reads on. Who has left looks the same until then, so a stream of events, which may never end, ends here."""
        self._ended = True
        if self._phase is BODY:
            # The rest of the request in line, if it has come: only a whole one is worked on.
            self._take_turn(0.0)
        self._refuse_half_a_request()
        if self._later is not None:
            return True
        waits = bool(self._ahead) or (self._answering is not None and not self._writer.is_stream)
        return waits and self.patrol.limits.serves_half_closed

    def shutdown(self) -> None:
        """The server ends: answers that are being made are waited for, but not a stream of events, which has no end."""
        super().shutdown()
        if self._answering is not None and self._writer.is_stream:
            self._writer.end_stream(LAST_CHUNK if self._answering.chunked_encoding else b"")

    def tick(self, seconds: float) -> None:
        """Part with a caller that has been waited for too long."""
        unread = self._unread.look(self.transport.get_write_buffer_size(), seconds)
        if unread > self.patrol.limits.unread_seconds:
            self.transport.abort()
            return
        wait = _WAITS[self._phase]
        if wait.is_for_caller(self):
            self._waited += seconds
            if self._waited > wait.longest(self):
                wait.end(self)

    # What the parser calls beside `reading`.

    def on_body(self, body: bytes) -> None:
        self._received += len(body)
        super().on_body(body)
        if self.cycle.response_complete and self._received > self.patrol.limits.discarded_bytes:
            self.transport.abort()

    def on_message_complete(self) -> None:
        if self._offer is None:
            super().on_message_complete()
            self._enter(IDLE)
            if self.cycle.response_complete:
                self._drop_cycle()

    def on_response_complete(self) -> None:
        """As in uvicorn, but for its timer: how long a connection may stay idle is the patrol's to see."""
        self.server_state.total_requests += 1
        self._answering = None
        self._writer.flush()
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self._drop_cycle()
        if self._ahead:
            self._turn += 1
            self._take_turn(self.patrol.limits.pause_before(self._turn))
        else:
            self._turn = 0
        self._end_after_the_last()

    def _take_turn(self, pause: float) -> None:
        if pause:
            self.loop.call_later(pause, self._take_turn, 0.0)
        elif self._goes_on():
            data, self._ahead = self._ahead, b""
            self._feed(data)
            self._weigh()
            self._refuse_half_a_request()
            self._end_after_the_last()

    def _refuse_half_a_request(self) -> None:
        if self._ended and not self._ahead and self._is_amid_request():
            self._refuse(refusals.CUT_SHORT)

    def _end_after_the_last(self) -> None:
        """Once everything is answered: refuse what was to be refused behind it, close where the caller sends no more."""
        if self._answering is not None:
            return
        if self._later is not None:
            self._send_refusal(self._later)
        elif self._ended and self._phase is IDLE and not self._ahead:
            self._writer.close()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        self._writer.is_stream = False
        if cycle.scope["http_version"] == "1.0":
            app = without_chunks(app, cycle)
        super()._start_asgi_task(cycle, app)

    # How bytes reach the parser.

    def _feed(self, data: bytes) -> None:
        """Give the parser one message at a time, so that what is sent ahead waits as bytes and not as requests."""
        start = 0
        while start < len(data) and self._goes_on():
            if self.pipeline and not self._is_ending():
                self._ahead = data[start:]
                self.flow.pause_reading()
                return
            start = self._read(data, start)

    def _is_ending(self) -> bool:
        """What is left can only be the rest of the body of the request in line."""
        return self._ended and self._phase is BODY

    # What a connection costs.

    def _weigh(self) -> None:
        held = len(self._ahead) + self._head.memory(len(self.headers))
        self._hold(held)
        if held and not self.patrol.has_room(held):
            self._ahead = b""
            self._hold(0)
            self._refuse(refusals.CROWDED)

    def _drop_cycle(self) -> None:
        """Keep nothing of a request that has been answered, neither while the connection is idle nor for a next one."""
        if self._phase is BODY:  # the rest of its body is still to be read, and thrown away
            self.cycle.scope, self.cycle.body = NO_SCOPE, bytearray()
        else:
            self.cycle = NO_CYCLE

    def _hold(self, size: int) -> None:
        self.patrol.held += size - self._held
        self._held = size

    def _discard(self, data: bytes) -> None:
        """Count what a refused caller goes on sending; too much of it is not read."""
        self._received += len(data)
        if self._received > self.patrol.limits.refused_bytes:
            self.flow.pause_reading()

    # Where a connection stands.

    def _is_amid_request(self) -> bool:
        return self._phase is BODY or self._head.size > 0

    def _is_quiet(self) -> bool:
        """Nothing is being answered."""
        return self._answering is None

    def _is_reading(self) -> bool:
        """The body does not stand still because of us."""
        return not (self.flow.read_paused or self._ahead or self.cycle.waiting_for_100_continue)

    def _goes_on(self) -> bool:
        return not (self._refused or self.transport.is_closing())

    # How a connection is refused.

    def _refuse(self, answer: bytes) -> None:
        """Answer everything that came before in order, then this, then close."""
        if not self._goes_on():
            return
        if self._phase is BODY:
            self._drop_request()
        if self.transport.is_closing():
            return
        self._refused = True
        if self._answering is not None:
            self._later = answer
            self._ahead = b""
            self.flow.pause_reading()
        else:
            self._send_refusal(answer)

    def _refuse_as_slow(self) -> None:
        self._refuse(refusals.TOO_SLOW)

    def _drop_request(self) -> None:
        """The request whose body breaks off is not to be worked on; where it has been answered already, hang up."""
        cycle = self.cycle
        if self.pipeline:  # it waits in line, behind the one that is being answered
            self.pipeline.clear()
            self.cycle = self._answering or NO_CYCLE
        elif cycle.response_started:
            self._hang_up()
        else:
            cycle.disconnected = cycle.response_complete = True
            cycle.message_event.set()
            self._answering = None

    def _send_refusal(self, answer: bytes) -> None:
        self._enter(REFUSED)
        self._later, self._ahead = None, b""
        self._drop_head()
        self._hold(0)
        refusals.count(answer)
        self.flow.resume_reading()  # and throw some away, until the caller closes or has lingered
        self._writer.end(answer)

    def _hang_up(self) -> None:
        self.transport.abort()


@dataclass(frozen=True)
class Wait:
    """For how long a caller is waited for, and what the end of its patience is."""

    is_for_caller: Callable[[StrictProtocol], bool]  # and not for us
    longest: Callable[[StrictProtocol], float]
    end: Callable[[StrictProtocol], None]


_WAITS: dict[Phase, Wait] = {
    IDLE: Wait(
        StrictProtocol._is_quiet,
        lambda connection: connection.timeout_keep_alive,
        lambda connection: connection.transport.close(),
    ),
    HEAD: Wait(
        StrictProtocol._is_quiet,
        lambda connection: connection.patrol.limits.head_seconds,
        StrictProtocol._refuse_as_slow,
    ),
    BODY: Wait(
        StrictProtocol._is_reading,
        lambda connection: connection.patrol.limits.seconds_for_body(
            connection._declared, connection._received
        ),
        StrictProtocol._refuse_as_slow,
    ),
    REFUSED: Wait(lambda _: True, lambda _: LINGER_SECONDS, StrictProtocol._hang_up),
}
