"""Requests as they are written to services."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from chassis.problems import Problem
from gateway.proxy.headers import Headers

LONGEST_LENGTH = 20  # digits, of which 2^64 has so many
# Requests that have no body and need not say so.
_UNFRAMED: Final = frozenset({("GET", 0), ("HEAD", 0), ("OPTIONS", 0)})


class BadLength(Problem):
    status, slug, title = 400, "bad-length", "The Content-Length is no length"


@dataclass(slots=True)
class Outgoing:
    """A request for a service: its head as it is sent. `length` is the body's in bytes, None when it comes in chunks."""

    method: str
    head: bytes
    length: int | None


def read_length(digits: bytes) -> int:
    """The number of a Content-Length. BadLength when it is longer than any."""
    if len(digits) > LONGEST_LENGTH:
        raise BadLength
    return int(digits)


def make_request(method: str, target: bytes, headers: Headers, length: int | None) -> Outgoing:
    """A request with a body of `length` bytes, None: in chunks. ValueError where a header is more than one line.

    Names, values and the target have been read by the parser of our own listener; they are written as they came.
    """
    lines = [b"%s %s HTTP/1.1" % (method.encode(), target)]
    lines += map(b": ".join, (*headers, *_framing(method, length)))
    head = b"\r\n".join((*lines, b"", b""))
    if head.count(b"\n") != len(lines) + 1:
        raise ValueError("a header holds a line break")
    return Outgoing(method, head, length)


def _framing(method: str, length: int | None) -> Headers:
    if length is None:
        return [(b"transfer-encoding", b"chunked")]
    if (method, length) in _UNFRAMED:
        return []
    return [(b"content-length", b"%d" % length)]
