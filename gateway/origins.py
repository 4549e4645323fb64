"""Which pages of other sites may read answers (CORS). Nobody's by default; citizens' open routes may be read from anywhere.

No answer here depends on a cookie, and `Access-Control-Allow-Credentials` is never sent: a page that has no token of its
own gets nothing it could not have asked for without a browser.
"""

from __future__ import annotations

import re

from starlette.types import Message, Scope, Send

Headers = list[tuple[bytes, bytes]]
ANY = b"*"
REMEMBERED_SECONDS = 600  # a preflight, by the browser
METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
SENT = (
    b"Authorization, Content-Type, Content-Encoding, Idempotency-Key, If-Match, If-None-Match, "
    b"Last-Event-ID, X-Request-ID, traceparent"
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


async def answer_preflight(send: Send) -> None:
    """What a page may send; `send` adds which pages."""
    headers = [
        (b"access-control-allow-methods", METHODS),
        (b"access-control-allow-headers", SENT),
        (b"access-control-max-age", b"%d" % REMEMBERED_SECONDS),
        (b"vary", b"Access-Control-Request-Method, Access-Control-Request-Headers"),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
