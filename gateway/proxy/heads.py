"""The head of a request as the service gets it."""

from __future__ import annotations

from starlette.types import Scope

from chassis.problems import Problem
from gateway.proxy.connections import HOP_BY_HOP, Headers

LARGEST_HEAD = 64 * 1024
_REFRAMED = HOP_BY_HOP | {b"expect", b"content-length"}
_HARMLESS = (b"keep-alive", b"close")
_NEVER_NAMED = frozenset({b"authorization", b"host"})


class HeadTooLarge(Problem):
    status, slug, title = 431, "head-too-large", "The request's headers are larger than allowed"


def write_head(scope: Scope, authorization: bytes | None) -> tuple[list[bytes], int | None, bool]:
    """Request line and headers, the body's length if it is told, and whether the body comes in chunks.

    Everything passes but hop-by-hop headers; the caller adds the framing of the body and the empty line.
    `authorization` replaces the header of that name.
    """
    headers: Headers = scope["headers"]
    query = scope["query_string"]
    target = scope["raw_path"] + b"?" + query if query else scope["raw_path"]
    parts = [scope["method"].encode(), b" ", target, b" HTTP/1.1\r\n"]
    length, chunked, size = None, False, len(target)
    dropped = _dropped(headers)
    for name, value in headers:
        size += len(name) + len(value)
        if name in dropped:
            if name == b"content-length":
                length = int(value)
            elif name == b"transfer-encoding":
                chunked = True
        elif name == b"authorization" and authorization is not None:
            parts += (name, b": ", authorization, b"\r\n")
        else:
            parts += (name, b": ", value, b"\r\n")
    if size > LARGEST_HEAD:
        raise HeadTooLarge
    return parts, length, chunked


def _dropped(headers: Headers) -> frozenset[bytes]:
    """Hop-by-hop headers, and those that a Connection header names as such."""
    for name, value in headers:
        if name == b"connection" and value.lower() not in _HARMLESS:
            named = {word.strip().lower() for word in value.split(b",")}
            return _REFRAMED | (named - _NEVER_NAMED)
    return _REFRAMED
