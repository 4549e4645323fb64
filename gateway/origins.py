"""Which pages of other sites may read answers (CORS). Nobody's by default; citizens' open routes may be read from anywhere.

No answer here depends on a cookie, and `Access-Control-Allow-Credentials` is never sent: a page that has no token of its
own gets nothing it could not have asked for without a browser.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.responses import Response
from starlette.types import Message, Send

from chassis.telemetry import RequestContext
from gateway.proxy.headers import Headers

PREFLIGHT_SECONDS = 600  # how long a browser may remember the answer to a preflight
METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
REQUEST_HEADERS = (
    "Authorization, Content-Type, Content-Encoding, Idempotency-Key, If-Match, If-None-Match, "
    "Last-Event-ID, X-Request-ID, traceparent"
)
RESPONSE_HEADERS = (
    b"Allow, Content-Disposition, ETag, Idempotent-Replayed, Location, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, "
    b"Retry-After, X-Request-ID, traceparent"
)
_VARY = (b"vary", b"Origin")
_EXPOSE = (b"access-control-expose-headers", RESPONSE_HEADERS)
_READABLE_BY_ALL = [(b"access-control-allow-origin", b"*"), _EXPOSE]
_ORIGIN = re.compile(r"https?://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")


def parse_origins(text: str) -> frozenset[bytes]:
    """From comma-separated origins; ValueError for what is none, `*` and `null` among them."""
    words = [word.strip().lower() for word in text.split(",") if word.strip()]
    for word in words:
        if not _ORIGIN.fullmatch(word):
            raise ValueError(f"{word!r} is no origin: write scheme://host or scheme://host:port")
    return frozenset(word.encode() for word in words)


class Origins:
    """The origins of the settings."""

    def __init__(self, listed: frozenset[bytes]) -> None:
        self.listed = listed
        self._always: Headers = [_VARY] if listed else []

    def headers_for(self, origin: bytes | None, *, any_origin: bool) -> Headers:
        """What lets a page read the answer; nothing where it may not. `any_origin`: the route's."""
        if origin in self.listed:
            return [(b"access-control-allow-origin", origin), _EXPOSE]
        return _READABLE_BY_ALL if any_origin and origin is not None else []

    def mark(self, send: Send, readable: Headers) -> Send:
        """`send`, so that a browser lets the page read the answer where it may (`headers_for`)."""
        added = [*self._always, *readable]
        if not added:
            return send

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *added]}
            await send(message)

        return send_marked


def is_preflight(method: str, headers: Mapping[bytes, bytes]) -> bool:
    """Whether a browser asks what a page may ask."""
    return method == "OPTIONS" and b"access-control-request-method" in headers


# The answer to that; which pages it is meant for is added by `mark`.
PREFLIGHT = RequestContext(
    Response(
        status_code=204,
        headers={
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": REQUEST_HEADERS,
            "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
            "Vary": "Access-Control-Request-Method, Access-Control-Request-Headers",
        },
    )
)
