"""What a connection is told before it is closed: whole answers, made once."""

from __future__ import annotations

from http import HTTPStatus

import orjson
from prometheus_client import Counter

from chassis.problems import MEDIA_TYPE, problem_document

_REFUSED = Counter("otklik_http_refused_total", "Requests refused by the HTTP server itself", ("status",))


def count(answer: bytes) -> None:
    """Such a refusal is being sent."""
    _REFUSED.labels(answer[9:12].decode()).inc()


def _answer(status: int, slug: str, title: str, detail: str, *headers: str) -> bytes:
    body = orjson.dumps(problem_document(status, slug, title, detail))
    lines = [
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
        f"content-type: {MEDIA_TYPE}",
        f"content-length: {len(body)}",
        "cache-control: no-store",
        "connection: close",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _bad(detail: str) -> bytes:
    return _answer(400, "bad-request", "The request cannot be understood", detail)


NOT_HTTP = _bad("This is not a well-formed HTTP/1.1 request.")
BAD_TARGET = _bad(
    "The target must be a path, /path?query in printable ASCII: percent-encode blanks and all other letters "
    "(я is %D1%8F in UTF-8)."
)
BAD_HOST = _bad("A request has exactly one Host header.")
BAD_LENGTH = _bad("A body has one Content-Length, or one Transfer-Encoding: chunked, never both.")
BAD_CHUNKS = _bad("The chunks are mostly framing.")
CUT_SHORT = _bad("The request ended before it was whole.")
UNKNOWN_CODING = _answer(
    501, "not-implemented", "This transfer coding is not known here", "Only `chunked` is understood."
)
UNKNOWN_VERSION = _answer(
    505, "http-version", "This HTTP version is not spoken here", "Use HTTP/1.1 (or 1.0)."
)
HEAD_TOO_LARGE = _answer(
    431,
    "head-too-large",
    "The request's headers are larger than allowed",
    "Send fewer headers, or shorter ones: these are beyond the limits of this server.",
)
TOO_SLOW = _answer(
    408,
    "request-timeout",
    "The request did not arrive in time",
    "Its head or its body came more slowly than this server waits for.",
)
CROWDED = _answer(503, "overloaded", "Too many requests are under way; repeat this one", "", "retry-after: 1")
