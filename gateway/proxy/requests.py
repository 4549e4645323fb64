"""A caller's request as the service gets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.types import Scope

from chassis.problems import Problem
from gateway.proxy.headers import HOP_BY_HOP, Headers, named_by_connection, with_authorization

LONGEST_LENGTH = 20  # digits, of which 2^64 has so many
_REFRAMED: Final = HOP_BY_HOP | {b"expect", b"content-length"}
_NEVER_NAMED: Final = frozenset({b"authorization", b"host"})
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


def declared_length(headers: Mapping[bytes, bytes]) -> int | None:
    """The bytes of the body that follows, None when it comes in chunks. BadLength when it is no number."""
    if b"transfer-encoding" in headers:
        return None
    digits = headers.get(b"content-length", b"0")
    if len(digits) > LONGEST_LENGTH:
        raise BadLength
    return int(digits)


def outgoing(scope: Scope, authorization: bytes | None, service: str, length: int | None) -> Outgoing:
    """Everything passes but what concerns the caller's connection only; the body is framed anew, by its `length`.

    `authorization` replaces the header of that name. `service` stands as host where an HTTP/1.0 caller named none.
    """
    sent: Headers = scope["headers"]
    named = named_by_connection(sent) - _NEVER_NAMED
    headers = [pair for pair in sent if pair[0] not in _REFRAMED and pair[0] not in named]
    headers = with_authorization(headers, authorization)
    if b"host" not in dict(headers):
        headers.append((b"host", service.encode()))
    query = scope["query_string"]
    target = scope["raw_path"] + b"?" + query if query else scope["raw_path"]
    return make_request(scope["method"], target, headers, length)


def make_request(method: str, target: bytes, headers: Headers, length: int | None) -> Outgoing:
    """A request with a body of `length` bytes, None: in chunks. ValueError where a header is more than one line.

    Names, values and the target have been read by the parser of our own listener; they are written as they came.
    """
    lines = [b"%s %s HTTP/1.1\r\n" % (method.encode(), target)]
    lines += [b"%s: %s\r\n" % header for header in (*headers, *_framing(method, length))]
    head = b"".join(lines)
    if head.count(b"\n") != len(lines):
        raise ValueError("a header holds a line break")
    return Outgoing(method, head + b"\r\n", length)


def _framing(method: str, length: int | None) -> Headers:
    if length is None:
        return [(b"transfer-encoding", b"chunked")]
    if (method, length) in _UNFRAMED:
        return []
    return [(b"content-length", b"%d" % length)]
