"""Reading requests: what the parser is given, what it calls, and what of that is refused."""

from __future__ import annotations

from typing import Any, ClassVar

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chassis.http1 import head, refusals
from chassis.http1.head import FRAMING, Headers
from chassis.http1.patrol import Patrol
from chassis.http1.phases import BODY, HEAD, IDLE, Phase
from chassis.http1.slices import Slicer
from chassis.http1.writing import AnswerWriter


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
        self._forget_head()

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
        self.cycle.transport = self._writer  # type: ignore[assignment]
        self._forget_head()  # the cycle has it
        self._enter(BODY)

    # How bytes reach the parser.

    def _feed_head(self, data: bytes) -> bool:
        """More of a head. False: refused."""
        if self._phase is IDLE:
            self._enter(HEAD)
            self._head.begin()
        fault = self._head.fault_of_more(data, self.patrol.limits.head_bytes)
        if fault is not None:
            self._refuse(fault)
            return False
        return self._parse(data)

    def _feed_chunks(self, data: bytes) -> bool:
        """More of a body in chunks. False: refused."""
        if not self._parse(data):
            return False
        self._fed += len(data)
        if self._fed - self._received > self.patrol.limits.head_bytes + 8 * self._received:
            self._refuse(refusals.BAD_CHUNKS)
            return False
        return True

    def _parse(self, data: bytes) -> bool:
        """Feed the parser; False when the connection goes no further."""
        while True:
            try:
                self.parser.feed_data(data)
                return True
            except httptools.HttpParserUpgrade as offered:
                if self._offer is None:
                    self._refuse(refusals.NOT_HTTP)
                    return False
                data, self._offer = self._offer + data[offered.args[0] :], None
                self.parser = httptools.HttpRequestParser(self)
            except httptools.HttpParserError:
                self._refuse(self._reason or refusals.NOT_HTTP)
                return False

    def _enter(self, phase: Phase) -> None:
        self._phase, self._waited = phase, 0.0

    def _forget_head(self) -> None:
        self.headers, self.scope, self.url, self._framing = [], {}, b"", []  # type: ignore[typeddict-item]
