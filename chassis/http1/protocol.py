"""uvicorn's HTTP protocol, made strict and bounded. Framing is httptools'; here is only what it leaves open.

It leaves open: upgrades, hosts, targets, versions, sizes, slowness, errors behind requests that are still being answered,
requests sent ahead, halves of requests. What it rests on inside uvicorn is named in ADR 12.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from chassis.http1 import refusals
from chassis.http1.patrol import Unread
from chassis.http1.phases import BODY, HEAD, IDLE, REFUSED
from chassis.http1.reading import RequestReader
from chassis.http1.version_1_0 import without_chunks
from chassis.http1.writing import AnswerWriter

# A closed half lets the refusal reach the caller before the rest of its bytes meets a reset.
LINGER_SECONDS = 2.0


class StrictProtocol(RequestReader):
    """One connection."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._unread = Unread()
        self._held = 0
        self._later: bytes | None = None  # a refusal that waits for the answers before it
        self._ahead = b""  # sent ahead: not parsed while an earlier request is being answered
        self._turn = 0  # how many requests in a row were sent ahead
        self._ended = False  # the caller has closed its half
        self._address: str | None = None
        self._running: RequestResponseCycle | None = None  # the last whose application was started

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._writer = AnswerWriter(transport, self.loop)
        self._address = self.client[0] if self.client else None
        if not self.patrol.admit(self, self._address, self.loop):
            self._refuse(refusals.CROWDED)

    def connection_lost(self, exc: Exception | None) -> None:
        self.patrol.forget(self, self._address)
        self._ahead = b""
        self._hold(0)
        if self._is_answering():
            self.cycle = self._running  # type: ignore[assignment]  # not the one in line: see uvicorn's
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._phase is REFUSED or self._later is not None:
            self._received += len(data)
            if self._received > self.patrol.limits.refused_bytes:
                self.flow.pause_reading()
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
            self._take_turn(
                0.0
            )  # the rest of the request in line, if it has come: only a whole one is worked on
        self._refuse_half_a_request()
        if self._later is not None:
            return True
        waits = bool(self._ahead) or (self._is_answering() and not self._writer.is_stream)
        return waits and self.patrol.limits.serves_half_closed

    def tick(self, seconds: float) -> None:
        """Part with a caller that has been waited for too long."""
        limits = self.patrol.limits
        if self._unread.look(self.transport.get_write_buffer_size(), seconds) > limits.unread_seconds:
            self.transport.abort()
        elif self._phase is REFUSED:
            self._waited += seconds
            if self._waited > LINGER_SECONDS:
                self.transport.abort()
        elif self._phase is HEAD and not self._is_answering():
            self._waited += seconds
            if self._waited > limits.head_seconds:
                self._refuse(refusals.TOO_SLOW)
        elif self._phase is IDLE and not self._is_answering():
            self._waited += seconds
            if self._waited > self.timeout_keep_alive:
                self.transport.close()
        elif self._phase is BODY and not self._is_held_back():
            self._waited += seconds
            if limits.is_too_slow(self._declared, self._received, self._waited):
                self._refuse(refusals.TOO_SLOW)

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
                self._forget_cycle()

    def on_response_complete(self) -> None:
        """As in uvicorn, but for its timer: how long a connection may stay idle is the patrol's to see."""
        self.server_state.total_requests += 1
        self._running = None
        self._writer.flush()
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self._forget_cycle()
        self._turn = self._turn + 1 if self._ahead else 0
        if self._ahead and not self.pipeline:
            self._take_turn(self.patrol.limits.pause_before(self._turn))
        if self._later is not None and not self._is_answering():
            self._send_refusal(self._later)
        self._end_after_the_last()

    def _take_turn(self, pause: float) -> None:
        if pause:
            self.loop.call_later(pause, self._take_turn, 0.0)
        elif not self.transport.is_closing() and self._later is None:
            data, self._ahead = self._ahead, b""
            self._feed(data)
            self._weigh()
            self._refuse_half_a_request()
            self._end_after_the_last()

    def _refuse_half_a_request(self) -> None:
        if (
            self._ended
            and not self._ahead
            and (self._phase is BODY or (self._phase is HEAD and self._head.size))
        ):
            self._refuse(refusals.CUT_SHORT)

    def _end_after_the_last(self) -> None:
        """Close where the caller sends no more and everything is answered."""
        if self._ended and self._phase is IDLE and not (self._ahead or self._is_answering()):
            self._writer.close()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        self._writer.is_stream = False
        if cycle.scope["http_version"] == "1.0":
            app = without_chunks(app, cycle)
        super()._start_asgi_task(cycle, app)

    # How bytes reach the parser.

    def _feed(self, data: bytes) -> None:
        """Give the parser one message at a time, so that what is sent ahead waits as bytes and not as requests."""
        start = 0
        while start < len(data) and not self.transport.is_closing():
            if self.pipeline and not (self._ended and self._phase is BODY):
                self._ahead = data[start:]
                self.flow.pause_reading()
                return
            if self._phase is BODY and self._declared is not None:
                end = start + max(self._declared - self._received, 1)
                well = self._parse(data[start:end])
            else:
                end = self._slicer.end(data, start)
                feed = self._feed_chunks if self._phase is BODY else self._feed_head
                well = feed(data[start:end])
            if not well:
                return
            start = end

    # What a connection costs.

    def _weigh(self) -> None:
        head_memory = self._head.memory(len(self.headers)) if self._phase is HEAD else 0
        held = len(self._ahead) + head_memory
        self._hold(held)
        if held and not self.patrol.has_room(held):
            self._ahead = b""
            self._hold(0)
            self._refuse(refusals.CROWDED)

    def _forget_cycle(self) -> None:
        """Keep nothing of a request that has been answered, neither while the connection is idle nor for a next one."""
        if self._phase is not BODY:
            self.cycle = None  # type: ignore[assignment]
        else:  # the rest of its body is still to be read, and thrown away
            self.cycle.scope, self.cycle.body = {}, bytearray()  # type: ignore[typeddict-item]

    def _hold(self, size: int) -> None:
        self.patrol.held += size - self._held
        self._held = size

    def _is_answering(self) -> bool:
        return self._running is not None and not self._running.response_complete

    def _is_held_back(self) -> bool:  # the body stands still because of us
        return self.flow.read_paused or bool(self._ahead) or self.cycle.waiting_for_100_continue

    # How a connection is refused.

    def _refuse(self, answer: bytes) -> None:
        """Answer everything that came before in order, then this, then close."""
        if self.transport.is_closing() or self._phase is REFUSED or self._later is not None:
            return
        if self._phase is BODY:
            self._drop_request()
        if self.transport.is_closing():
            return
        if self._is_answering():
            self._later = answer
            self._ahead = b""
            self.flow.pause_reading()
        else:
            self._send_refusal(answer)

    def _drop_request(self) -> None:
        """The request whose body breaks off is not to be worked on; where it has been answered already, hang up."""
        cycle = self.cycle
        if self.pipeline:  # it waits in line, behind the one that is being answered
            self.pipeline.clear()
            self.cycle = self._running  # type: ignore[assignment]
        elif cycle.response_started:
            self.transport.abort()
        else:
            cycle.disconnected = cycle.response_complete = True
            cycle.message_event.set()

    def _send_refusal(self, answer: bytes) -> None:
        self._enter(REFUSED)
        self._later, self._ahead = None, b""
        self._forget_head()
        self._hold(0)
        refusals.count(answer)
        self.flow.resume_reading()  # and throw some away, until the caller closes or has lingered
        self._writer.end(answer)
