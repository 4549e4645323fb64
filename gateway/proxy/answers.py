"""Reading a service's answer. Its framing is httptools'; here is only what that leaves open (ADR 12).

The parser gets the head in one piece, up to the blank line, and a new parser reads every head: so it is known to the
byte where an answer began, what was declared of its length, and whether anything is left over behind it.
"""

from __future__ import annotations

import re

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

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
# An answer up to this size is collected and handed on in one piece.
SMALL_BODY = 64 * 1024
LARGEST_HEAD = 64 * 1024
BODILESS = (204, 304)  # whatever length they tell is not that of a body
STATUS_LINE = re.compile(rb"HTTP/1\.([01]) [1-5][0-9][0-9](?: [\t -~\x80-\xff]*)?\r\n")
BLANK_LINE = b"\r\n\r\n"
Headers = list[tuple[bytes, bytes]]


class Malformed(Exception):
    """What came is no HTTP/1.1 answer to what was asked."""


class Answer:
    """The answer to one request, read as it arrives: `status` is 0 until its last head is whole."""

    def __init__(self, method: str) -> None:
        self.status = 0
        self.headers: Headers = []
        self.complete = False
        self.small = False  # it will be complete within SMALL_BODY
        self.unread = 0
        self._method = method
        self._chunks: list[bytes] = []
        self._waiting = b""  # an incomplete head
        self._left: int | None = (
            None  # bytes of the body still to come; None when its length was not declared
        )
        self._in_chunks = False
        self._fed = self._received = 0  # bytes of a body in chunks, with their framing and without
        self._keeps_alive = False
        self._expect_head()

    def feed(self, data: bytes) -> None:
        """Read on. Malformed: nothing of this connection can be trusted any more."""
        if not self.status:
            data = self._read_heads(data)
        if data:
            self._read_body(data)

    def end(self) -> None:
        """The service has closed: a body without a length ends with its connection."""
        if self.status and self._left is None and not self._in_chunks:
            self.complete = True

    def take(self) -> bytes:
        """What has arrived of the body since the last call."""
        chunks, self._chunks, self.unread = self._chunks, [], 0
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    @property
    def is_clean(self) -> bool:
        """Exactly the bytes that were declared have come, and the service says that it goes on."""
        return self.complete and self._left == 0 and self._keeps_alive

    def _read_heads(self, data: bytes) -> bytes:
        """The interim heads, which nobody needs, and the last one; returns what follows it."""
        data = self._waiting + data
        while not self.status:
            end = data.find(BLANK_LINE) + len(BLANK_LINE)
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
        if line is None or len(head) > LARGEST_HEAD:
            raise Malformed("not a head")
        self._parse(head)
        if not self._head_read or self._chunks:
            self.complete = False
            raise Malformed("not the head it looked like")
        if not self.status:  # an interim one
            self._expect_head()
        elif line[1] == b"0":
            self._keeps_alive = False

    def _expect_head(self) -> None:
        self.headers = []
        self._begun = self._head_read = False
        self._parser = HttpResponseParser(self)

    def _read_body(self, data: bytes) -> None:
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:  # more than was declared
                data = data[: self._left]
        elif self._in_chunks:
            self._fed += len(data)
        if not self.complete:
            self._parse(data)
        if self._fed > LARGEST_HEAD + 9 * self._received:
            raise Malformed("mostly framing")

    def _take_head(self, status: int) -> None:
        """Whether there is a body, and where it ends, as RFC 9112 §6.3 says; without what concerns the connection."""
        dropped: frozenset[bytes] | set[bytes] = HOP_BY_HOP
        for name, value in self.headers:
            if name == b"content-length":
                self._left = int(value)
                self.small = self._left <= SMALL_BODY
            elif name == b"transfer-encoding":
                if self._in_chunks or value.lower() != b"chunked":
                    raise Malformed("a transfer coding nobody asked for")
                self._in_chunks = True
            elif name == b"connection":
                dropped = dropped | {word.strip().lower() for word in value.split(b",")}
        if self._in_chunks and self._left is not None:
            raise Malformed("two lengths")
        if status in BODILESS:
            dropped = dropped | {b"content-length"}
        if status in BODILESS or self._method == "HEAD":
            self._left, self.complete = 0, True
        self.headers = [pair for pair in self.headers if pair[0] not in dropped]
        self.status = status

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
            self._keeps_alive = self._parser.should_keep_alive()
            self._take_head(status)

    def on_body(self, data: bytes) -> None:
        """A piece of the body."""
        self._chunks.append(data)
        self.unread += len(data)
        self._received += len(data)

    def on_message_complete(self) -> None:
        """The end, of an interim answer too."""
        self.complete = self.status != 0
