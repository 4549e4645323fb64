"""A caller's request as the service gets it."""

from __future__ import annotations

from dataclasses import dataclass

import h11
from starlette.types import Scope

from gateway.proxy.connections import HOP_BY_HOP, Headers

_REFRAMED = HOP_BY_HOP | {b"expect", b"content-length"}
_HARMLESS = (b"keep-alive", b"close")
_NEVER_NAMED = frozenset({b"authorization", b"host"})


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request's head for the service. `length` is the body's in bytes, None when it comes in chunks."""

    head: h11.Request
    length: int | None


def outgoing(scope: Scope, authorization: bytes | None, service: str) -> Outgoing:
    """Everything passes but what concerns the caller's connection only; the body is framed anew.

    `authorization` replaces the header of that name. `service` stands as host where an HTTP/1.0 caller named none.
    """
    sent: Headers = scope["headers"]
    dropped = _dropped(sent)
    headers: Headers = []
    length: int | None = 0
    host = False
    for name, value in sent:
        if name in dropped:
            if name == b"content-length":
                length = int(value)
            elif name == b"transfer-encoding":
                length = None
        elif name == b"authorization" and authorization is not None:
            headers.append((name, authorization))
        else:
            host = host or name == b"host"
            headers.append((name, value))
    if not host:
        headers.append((b"host", service.encode()))
    headers += _framing(scope["method"], length)
    query = scope["query_string"]
    target = scope["raw_path"] + b"?" + query if query else scope["raw_path"]
    return Outgoing(h11.Request(method=scope["method"], target=target, headers=headers), length)


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
