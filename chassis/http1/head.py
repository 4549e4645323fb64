"""Which heads of requests are accepted; each refusal names its reason."""

from __future__ import annotations

import re

from chassis.http1 import refusals

Headers = list[tuple[bytes, bytes]]

FRAMING = frozenset({b"host", b"content-length", b"transfer-encoding", b"expect"})

LENGTH_DIGITS = 20  # of 64 bits; Python makes no number of thousands, however many of them are zeros
HEADER_BYTES = 160  # of memory that a header costs beside its own: a pair and two objects

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_TARGET = rb"/[!-\"$-~]*"  # printable ASCII without `#`, which no client may send
_LINE = re.compile(rb"(?!CONNECT )" + _TOKEN + rb" " + _TARGET + rb" HTTP/1\.[01]\r\n")
_OTHER_VERSION = re.compile(_TOKEN + rb" [!-~]+ HTTP/[0-9]\.[0-9]\r\n")
_OTHER_TARGET = re.compile(
    _TOKEN + rb" [ -~\x80-\xff]+ HTTP/1\.[01]\r\n"
)  # letters or blanks not percent-encoded


def fault_of_line(line: bytes) -> bytes | None:
    """The answer to a request line that is not accepted; None for a good one, or while it may become one.

    `line` is what has come so far, its line feed included once it is there.
    """
    if not line.endswith(b"\n"):
        return refusals.NOT_HTTP if line[:1] in (b"\r", b" ", b"\t") else None
    if _LINE.fullmatch(line):
        return None
    if _OTHER_TARGET.fullmatch(line):
        return refusals.BAD_TARGET
    return refusals.UNKNOWN_VERSION if _OTHER_VERSION.fullmatch(line) else refusals.NOT_HTTP


class IncomingHead:
    """A head that is being read: its line is looked at, for the parser reads some that h11 and others do not."""

    def __init__(self) -> None:
        self.size = 0  # bytes
        self._line: bytes | None = b""  # as far as it has come; None when it is known to be good

    def begin(self) -> None:
        """Another head."""
        self.size = 0
        self._line = b""

    def fault_of_more(self, data: bytes, most: int) -> bytes | None:
        """The answer to more of the head where it is not accepted, None where it is; it may have `most` bytes."""
        self.size += len(data)
        if self._line is not None:
            line = self._line + data[: data.find(b"\n") + 1 or len(data)]
            fault = fault_of_line(line)
            if fault is not None:
                return fault
            self._line = None if line.endswith(b"\n") else line
        return refusals.HEAD_TOO_LARGE if self.size > most else None

    def memory(self, headers: int) -> int:
        """Bytes that it costs with so many headers; an unfinished line is kept twice, here and as the parser's URL."""
        return self.size + len(self._line or b"") + headers * HEADER_BYTES


def fault_of_headers(version: str, framing: Headers) -> bytes | None:
    """The answer to headers that are not accepted, None for good ones. `framing`: those named in FRAMING.

    Stricter than the parser where two readers could understand a request differently (RFC 9112 §3.2, §6.3, §11.2):
    whatever passes has one host and one way to tell where its body ends.
    """
    hosts = lengths = codings = 0
    for name, value in framing:
        if name == b"host":
            hosts += 1
        elif name == b"content-length":
            lengths += 1
            if len(value) > LENGTH_DIGITS:
                return refusals.BAD_LENGTH
        elif name == b"transfer-encoding":
            codings += 1
            if value.lower() != b"chunked":
                return refusals.UNKNOWN_CODING
    if hosts > 1 or (hosts == 0 and version == "1.1"):
        return refusals.BAD_HOST
    if lengths + codings > 1 or (codings and version == "1.0"):
        return refusals.BAD_LENGTH
    return None


def declared_length(framing: Headers) -> int | None:
    """Bytes of the body by its Content-Length; 0 without a body, None for one in chunks."""
    for name, value in framing:
        if name == b"content-length":
            return int(value)
        if name == b"transfer-encoding":
            return None
    return 0


def without_offer(method: bytes, target: bytes, version: str, headers: Headers) -> bytes:
    """The same head without its Upgrade headers, as bytes for the parser.

    The parser takes an offered upgrade for accepted and does not read the body. Offers may be ignored (RFC 9110 §7.8),
    and here they always are.
    """
    lines = [b"%s %s HTTP/%s\r\n" % (method, target, version.encode())]
    lines += [b"%s: %s\r\n" % header for header in headers if header[0] != b"upgrade"]
    return b"".join([*lines, b"\r\n"])
