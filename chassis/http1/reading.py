"""Reading requests: what the parser is given, what it calls, and what of that is refused."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar, cast

import httptools
from uvicorn._types import HTTPScope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from chassis.http1 import head, refusals
from chassis.http1.head import FRAMING, Headers
from chassis.http1.patrol import Patrol
from chassis.http1.phases import BODY, HEAD, IDLE, Phase
from chassis.http1.slices import Slicer
from chassis.http1.writing import AnswerWriter

# Between two requests there is neither, whatever uvicorn's annotations say.
NO_SCOPE = cast(HTTPScope, {})
NO_CYCLE = cast(RequestResponseCycle, None)


class RequestReader(HttpToolsProtocol):
    """The half of a connection that reads. `patrol` is given by `strict_protocol`."""

    patrol: ClassVar[Patrol]
    _writer: AnswerWriter

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._phase = HEAD
        self._waited = 0.0  # seconds, within the phase
        self._head = head.IncomingHead()
        self._slicer = Slicer()
        self._declared: int | None = 0
        self._received = self._fed = 0  # bytes of the body, and of the body with the framing of its chunks
        self._offer: bytes | None = None
        self._reason: bytes | None = None
        self._framing: Headers = []  # the headers that decide how a request is read
        self._drop_head()

    def _refuse(self, answer: bytes) -> None:
        """Answer everything that came before in order, then this, then close."""
        raise NotImplementedError

    # What the parser calls.

    def on_message_begin(self) -> None:
        if self._phase is not HEAD:
            raise ValueError("a request whose first line nobody has seen")
        super().on_message_begin()
        self._framing = []

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._phase is not HEAD:
            return  # a trailer: nobody needs one, and the head is already in use
        if len(self.headers) >= self.patrol.limits.head_headers:
            self._reason = refusals.HEAD_TOO_LARGE
            raise ValueError("refused")  # the parser stops and raises; see _parse
        name = name.lower()
        self.headers.append((name, value))
        if name in FRAMING:
            self._framing.append((name, value))
            if name == b"expect" and value.lower() == b"100-continue":
                self.expect_100_continue = True

    def on_headers_complete(self) -> None:
        version = self.parser.get_http_version()
        self._reason = head.fault_of_headers(version, self._framing)
        if self._reason is not None:
            raise ValueError("refused")
        if self.parser.should_upgrade():
            self._offer = head.without_offer(self.parser.get_method(), self.url, version, self.headers)
            return
        self.expect_100_continue = self.expect_100_continue and version == "1.1"
        self._declared, self._received, self._fed = head.declared_length(self._framing), 0, 0
        super().on_headers_complete()  # may start the application: nothing from here on raises
        self.cycle.transport = cast(asyncio.Transport, self._writer)
        self._drop_head()  # the cycle has it
        self._enter(BODY)

    # How bytes reach the parser.

    def _read(self, data: bytes, start: int) -> int:
        """Give the parser the rest of a body, or a slice that may end a message; where in `data` that ends."""
        if self._phase is BODY and self._declared is not None:
            end = start + max(self._declared - self._received, 1)
            self._parse(data[start:end])
            return end
        end = self._slicer.end(data, start)
        read = self._read_chunks if self._phase is BODY else self._read_head
        read(data[start:end])
        return end

    def _read_head(self, data: bytes) -> None:
        """More of a head."""
        if self._phase is IDLE:
            self._enter(HEAD)
        fault = self._head.fault_of_more(data, self.patrol.limits.head_bytes)
        if fault is not None:
            self._refuse(fault)
        else:
            self._parse(data)

    def _read_chunks(self, data: bytes) -> None:
        """More of a body in chunks."""
        self._parse(data)
        self._fed += len(data)
        if self._fed - self._received > self.patrol.limits.head_bytes + 8 * self._received:
            self._refuse(refusals.BAD_CHUNKS)

    def _parse(self, data: bytes) -> None:
        """Feed the parser; what it does not take is refused."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offered:
            self._ignore_offer(data[offered.args[0] :])
        except httptools.HttpParserError:
            self._refuse(self._reason or refusals.NOT_HTTP)

    def _ignore_offer(self, behind: bytes) -> None:
        """Read the head again without its offer, by a new parser, and what came behind it."""
        if self._offer is None:
            self._refuse(refusals.NOT_HTTP)
            return
        data, self._offer = self._offer + behind, None
        self.parser = httptools.HttpRequestParser(self)
        self._parse(data)

    def _enter(self, phase: Phase) -> None:
        self._phase, self._waited = phase, 0.0

    def _drop_head(self) -> None:
        self.headers, self.scope, self.url, self._framing = [], NO_SCOPE, b"", []
        self._head.begin()
