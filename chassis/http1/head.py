"""Which heads of requests are accepted; each refusal names its reason."""

from __future__ import annotations

import re

from chassis.http1 import refusals

Headers = list[tuple[bytes, bytes]]

LENGTH_DIGITS = 20  # of 64 bits; Python makes no number of thousands, however many of them are zeros
HEADER_BYTES = 160  # of memory that a header costs beside its own: a pair and two objects

# The headers that decide how a request is read.
FRAMING = frozenset({b"host", b"content-length", b"transfer-encoding", b"expect"})
# By version: how many Host headers a request may have, and which headers may frame its body.
_HOSTS = {"1.0": (0, 1), "1.1": (1,)}
_ENDS = {
    "1.0": ([], [b"content-length"]),
    "1.1": ([], [b"content-length"], [b"transfer-encoding"]),
}

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_TARGET = rb"/[!-\"$-~]*"  # printable ASCII without `#`, which no client may send
# Forms of request lines, tried in order: the first that matches decides the answer (None: the line is good).
_LINES = (
    (re.compile(rb"(?!CONNECT )" + _TOKEN + rb" " + _TARGET + rb" HTTP/1\.[01]\r\n"), None),
    # Letters or blanks that are not percent-encoded.
    (re.compile(_TOKEN + rb" [ -~\x80-\xff]+ HTTP/1\.[01]\r\n"), refusals.BAD_TARGET),
    (re.compile(_TOKEN + rb" [!-~]+ HTTP/[0-9]\.[0-9]\r\n"), refusals.UNKNOWN_VERSION),
)


def fault_of_line(line: bytes) -> bytes | None:
    """The answer to a request line that is not accepted; None for a good one, or while it may become one.

    `line` is what has come so far, its line feed included once it is there.
    """
    if not line.endswith(b"\n"):
        return refusals.NOT_HTTP if line[:1] in (b"\r", b" ", b"\t") else None
    for pattern, refusal in _LINES:
        if pattern.fullmatch(line):
            return refusal
    return refusals.NOT_HTTP


class IncomingHead:
    """A head that is being read: its line is looked at, for the parser reads some that h11 and others do not.

    Between two heads it is empty.
    """

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forget the last one."""
        self.size = 0  # bytes
        self._line = b""  # as far as it has come; empty once it is known to be good
        self._line_is_good = False

    def fault_of_more(self, data: bytes, most: int) -> bytes | None:
        """The answer to more of the head where it is not accepted, None where it is; it may have `most` bytes."""
        self.size += len(data)
        if not self._line_is_good:
            rest, feed, _ = data.partition(b"\n")
            line = self._line + rest + feed
            fault = fault_of_line(line)
            if fault is not None:
                return fault
            self._line, self._line_is_good = (b"", True) if feed else (line, False)
        return refusals.HEAD_TOO_LARGE if self.size > most else None

    def memory(self, headers: int) -> int:
        """Bytes that it costs with so many headers; an unfinished line is kept twice, here and as the parser's URL."""
        return self.size + len(self._line) + headers * HEADER_BYTES


def fault_of_headers(version: str, framing: Headers) -> bytes | None:
    """The answer to headers that are not accepted, None for good ones. `framing`: those named in FRAMING.

    Stricter than the parser where two readers could understand a request differently (RFC 9112 §3.2, §6.3, §11.2):
    whatever passes has one host and one way to tell where its body ends.
    """
    for name, value in framing:
        if name == b"content-length" and len(value) > LENGTH_DIGITS:
            return refusals.BAD_LENGTH
        if name == b"transfer-encoding" and value.lower() != b"chunked":
            return refusals.UNKNOWN_CODING
    names = [name for name, _ in framing]
    if names.count(b"host") not in _HOSTS[version]:
        return refusals.BAD_HOST
    ends = [name for name in names if name in (b"content-length", b"transfer-encoding")]
    return None if ends in _ENDS[version] else refusals.BAD_LENGTH


def declared_length(framing: Headers) -> int | None:
    """Bytes of the body by its Content-Length; 0 without a body, None for one in chunks. `framing` has been accepted."""
    values = dict(framing)
    return None if b"transfer-encoding" in values else int(values.get(b"content-length", 0))


def without_offer(method: bytes, target: bytes, version: str, headers: Headers) -> bytes:
    """The same head without its Upgrade headers, as bytes for the parser.

    The parser takes an offered upgrade for accepted and does not read the body. Offers may be ignored (RFC 9110 §7.8),
    and here they always are.
    """
    lines = [b"%s %s HTTP/%s\r\n" % (method, target, version.encode())]
    lines += [b"%s: %s\r\n" % header for header in headers if header[0] != b"upgrade"]
    return b"".join([*lines, b"\r\n"])
