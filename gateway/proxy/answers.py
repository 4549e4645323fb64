"""Reading a service's answer. Its framing is httptools'; here is only what that leaves open (ADR 12).

The parser gets the head in one piece, up to the blank line, and a new parser reads every head: so it is known to the
byte where an answer began, what was declared of its length, and whether anything is left over behind it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from gateway.proxy.headers import HOP_BY_HOP, Headers, named_by_connection

# An answer up to this size is collected and handed on in one piece.
SMALL_BODY: Final = 64 * 1024
LARGEST_HEAD: Final = 64 * 1024
# Answers that have no body: whatever length they declare is that of another answer, and not passed on.
BODILESS: Final = {status: HOP_BY_HOP | {b"content-length"} for status in (204, 304)}
STATUS_LINE: Final = re.compile(rb"HTTP/1\.([01]) [1-5][0-9][0-9](?: [\t -~\x80-\xff]*)?\r\n")
BLANK_LINE: Final = b"\r\n\r\n"


class Malformed(Exception):
    """What came is no HTTP/1.1 answer to what was asked."""


class Framing(Enum):
    """How it is known where a body ends."""

    DECLARED = auto()
    CHUNKED = auto()
    UNTIL_CLOSED = auto()


DECLARED, CHUNKED, UNTIL_CLOSED = Framing  # an enum's members are looked up slowly


class Answer:
    """The answer to one request, read as it arrives: `status` is 0 until its last head is whole.

    `ready` as soon as it can be handed on: complete, or the head of one that is not small.
    """

    def __init__(self, method: str) -> None:
        self.status = 0
        self.headers: Headers = []
        self.complete = False
        self.ready = False
        self.unread = 0
        self._method = method
        self._chunks: list[bytes] = []
        self._waiting = b""  # an incomplete head
        self._framing = UNTIL_CLOSED
        self._left = 0  # bytes still to come of a body of declared length; less when more came
        self._fed = self._received = 0  # bytes of the body with their framing and without
        self._reusable = False  # the service keeps the connection, and it is known where this answer ends
        self._expect_head()

    @classmethod
    def to_nothing(cls) -> Answer:
        """Where nothing has been asked: whatever comes is malformed."""
        answer = cls("")
        answer.complete = True
        return answer

    def feed(self, data: bytes) -> None:
        """Read on. Malformed: nothing of this connection can be trusted any more."""
        if self.complete:
            raise Malformed("nobody has asked for this")
        if not self.status:
            data = self._read_heads(data)
        if data:
            self._read_body(data)

    def end(self) -> None:
        """The service has closed: a body without a length ends with its connection."""
        if self.status and self._framing is UNTIL_CLOSED:
            self.complete = self.ready = True

    def take(self) -> bytes:
        """What has arrived of the body since the last call."""
        chunks, self._chunks, self.unread = self._chunks, [], 0
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    @property
    def is_clean(self) -> bool:
        """Exactly the bytes that were declared have come and been taken, and the service says that it goes on."""
        return self.complete and self._reusable and self._left == self.unread == 0

    def _read_heads(self, data: bytes) -> bytes:
        """The interim heads, which nobody needs, and the last one; returns what follows it."""
        data = self._waiting + data
        while not self.status:
            end = data.find(BLANK_LINE, 0, LARGEST_HEAD) + len(BLANK_LINE)
            if end < len(BLANK_LINE):
                if len(data) > LARGEST_HEAD:
                    raise Malformed("an endless head")
                self._waiting = data
                return b""
            self._read_head(data[:end])
            data = data[end:]
        return data

    def _read_head(self, head: bytes) -> None:
        line = STATUS_LINE.match(head)
        if line is None:
            raise Malformed("not a head")
        self._parse(head)
        if not self._head_read or self._chunks:
            self.complete = self.ready = False
            raise Malformed("not the head it looked like")
        self._reusable &= line[1] == b"1"
        if not self.status:  # an interim one
            self._expect_head()

    def _expect_head(self) -> None:
        self.headers = []
        self._begun = self._head_read = False
        self._parser = HttpResponseParser(self)

    def _read_body(self, data: bytes) -> None:
        if self._framing is DECLARED:
            data, self._left = data[: self._left], self._left - len(data)
        if self.complete:  # what comes behind the end is not read
            return
        self._fed += len(data)
        self._parse(data)
        if self._fed > LARGEST_HEAD + 9 * self._received:
            raise Malformed("mostly framing")

    def _accept_head(self, status: int) -> None:
        """Whether there is a body, and where it ends, as RFC 9112 §6.3 says; without what concerns the connection."""
        by_name = dict(self.headers)
        self._frame(by_name)
        if status in BODILESS or self._method == "HEAD":
            self._framing, self._left, self.complete = DECLARED, 0, True
        self._reusable = self._framing is DECLARED and self._parser.should_keep_alive()
        self.ready = self.complete or self._framing is not DECLARED or self._left > SMALL_BODY
        dropped = BODILESS.get(status, HOP_BY_HOP)
        if b"connection" in by_name:
            dropped |= named_by_connection(self.headers)
        self.headers = [pair for pair in self.headers if pair[0] not in dropped]
        self.status = status

    def _frame(self, by_name: Mapping[bytes, bytes]) -> None:
        """Read from the headers how the body is framed; the parser has seen to it that a length is one number."""
        if b"transfer-encoding" in by_name:
            codings = [value.lower() for name, value in self.headers if name == b"transfer-encoding"]
            if codings != [b"chunked"] or b"content-length" in by_name:
                raise Malformed("a transfer coding nobody asked for")
            self._framing = CHUNKED
        elif b"content-length" in by_name:
            self._framing, self._left = DECLARED, int(by_name[b"content-length"])

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            raise Malformed(str(error)) from None

    # What the parser calls.

    def on_message_begin(self) -> None:
        """An answer begins; one to each request."""
        if self._begun:
            raise Malformed("a second answer")
        self._begun = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer, which nobody needs."""
        if not self._head_read:
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """The blank line. Interim answers (1xx) say nothing that anybody needs; 101 is an error of the parser's."""
        self._head_read = True
        status = self._parser.get_status_code()
        if status >= 200:
            self._accept_head(status)

    def on_body(self, data: bytes) -> None:
        """A piece of the body."""
        self._chunks.append(data)
        self.unread += len(data)
        self._received += len(data)

    def on_message_complete(self) -> None:
        """The end, of an interim answer too."""
        self.complete = self.status != 0
        self.ready = self.ready or self.complete
