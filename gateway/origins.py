"""Which pages of other sites may read answers (CORS). Nobody's by default; citizens' open routes may be read from anywhere.

No answer here depends on a cookie, and `Access-Control-Allow-Credentials` is never sent: a page that has no token of its
own gets nothing it could not have asked for without a browser.
"""

from __future__ import annotations

import re

from starlette.responses import Response
from starlette.types import Message, Scope, Send

from chassis.telemetry import RequestContext

Headers = list[tuple[bytes, bytes]]
ANY = b"*"
REMEMBERED_SECONDS = 600  # a preflight, by the browser
METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
SENT = (
    "Authorization, Content-Type, Content-Encoding, Idempotency-Key, If-Match, If-None-Match, "
    "Last-Event-ID, X-Request-ID, traceparent"
)
READ = (
    b"Allow, Content-Disposition, ETag, Idempotent-Replayed, Location, Retry-After, X-Request-ID, traceparent"
)
_ORIGIN = re.compile(r"https?://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
_VARY = (b"vary", b"Origin")


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

    def permit(self, origin: bytes | None, any_origin: bool) -> bytes | None:
        """The value of Access-Control-Allow-Origin, None: the page may not read the answer. `any_origin`: the route's."""
        if origin is None or origin in self.listed:
            return origin
        return ANY if any_origin else None

    def mark(self, send: Send, origin: bytes | None, any_origin: bool) -> Send:
        """`send`, so that a browser lets the page read the answer where it may."""
        permitted = self.permit(origin, any_origin)
        added: Headers = [_VARY] if self.listed else []
        if permitted is not None:
            added += [(b"access-control-allow-origin", permitted), (b"access-control-expose-headers", READ)]
        if not added:
            return send

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *added]}
            await send(message)

        return send_marked


def is_preflight(scope: Scope) -> bool:
    """Whether a browser asks what a page may ask."""
    return scope["method"] == "OPTIONS" and any(
        name == b"access-control-request-method" for name, _ in scope["headers"]
    )


# The answer to that; which pages it is meant for is added by `mark`.
PREFLIGHT = RequestContext(
    Response(
        status_code=204,
        headers={
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": SENT,
            "Access-Control-Max-Age": str(REMEMBERED_SECONDS),
            "Vary": "Access-Control-Request-Method, Access-Control-Request-Headers",
        },
    )
)
