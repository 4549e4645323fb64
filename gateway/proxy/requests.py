"""A caller's request as the service gets it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.types import Scope

from chassis.problems import Problem
from gateway.proxy.answers import HOP_BY_HOP, Headers

LONGEST_LENGTH = 20  # digits, of which 2^64 has so many
_REFRAMED = HOP_BY_HOP | {b"expect", b"content-length"}
_HARMLESS = (b"keep-alive", b"close")
_NEVER_NAMED = frozenset({b"authorization", b"host"})


class BadLength(Problem):
    status, slug, title = 400, "bad-length", "The Content-Length is no length"


@dataclass(slots=True)
class Outgoing:
    """A request for a service: its head as it is sent. `length` is the body's in bytes, None when it comes in chunks."""

    method: str
    head: bytes
    length: int | None


def declared_length(headers: Headers) -> int | None:
    """The bytes of the body that follows, None when it comes in chunks. BadLength when it is no number."""
    length: int | None = 0
    for name, value in headers:
        if name == b"transfer-encoding":
            return None
        if name == b"content-length":
            length = _read_length(value)
    return length


def outgoing(scope: Scope, authorization: bytes | None, service: str, whole: int | None = None) -> Outgoing:
    """Everything passes but what concerns the caller's connection only; the body is framed anew.

    `authorization` replaces the header of that name. `service` stands as host where an HTTP/1.0 caller named none.
    `whole`: the bytes of a body that has come in chunks and is all there.
    """
    sent: Headers = scope["headers"]
    dropped = _dropped(sent)
    headers: Headers = []
    length: int | None = 0
    host = False
    for name, value in sent:
        if name in dropped:
            if name == b"content-length":
                length = _read_length(value)
            elif name == b"transfer-encoding":
                length = whole
        elif name == b"authorization" and authorization is not None:
            headers.append((name, authorization))
        else:
            host = host or name == b"host"
            headers.append((name, value))
    if not host:
        headers.append((b"host", service.encode()))
    query = scope["query_string"]
    target = scope["raw_path"] + b"?" + query if query else scope["raw_path"]
    return make_request(scope["method"], target, headers, length)


def make_request(method: str, target: bytes, headers: Headers, length: int | None) -> Outgoing:
    """A request with a body of `length` bytes, None: in chunks. ValueError where a header is more than one line.

    Names, values and the target have been read by the parser of our own door; they are written as they came.
    """
    lines = [b"%s %s HTTP/1.1\r\n" % (method.encode(), target)]
    lines += [b"%s: %s\r\n" % header for header in (*headers, *_framing(method, length))]
    head = b"".join(lines)
    if head.count(b"\n") != len(lines):
        raise ValueError("a header holds a line break")
    return Outgoing(method, head + b"\r\n", length)


def _read_length(value: bytes) -> int:
    if len(value) > LONGEST_LENGTH:
        raise BadLength
    return int(value)


def _framing(method: str, length: int | None) -> Headers:
    if length is None:
        return [(b"transfer-encoding", b"chunked")]
    if length == 0 and method in ("GET", "HEAD", "OPTIONS"):
        return []
    return [(b"content-length", b"%d" % length)]


def _dropped(headers: Headers) -> frozenset[bytes]:
    """Hop-by-hop headers, and those that Connection headers name as such."""
    named: set[bytes] = set()
    for name, value in headers:
        if name == b"connection" and value.lower() not in _HARMLESS:
            named |= {word.strip().lower() for word in value.split(b",")}
    return _REFRAMED | (named - _NEVER_NAMED) if named else _REFRAMED
