"""Answers for callers of HTTP/1.0, who know no chunks: one without a length ends with the connection (RFC 9112 §6.3)."""

from __future__ import annotations

from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, ASGISendEvent, Scope
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle


def without_chunks(app: ASGI3Application, cycle: RequestResponseCycle) -> ASGI3Application:
    """The application, so that `cycle` writes its answer unchunked; uvicorn closes after every answer in 1.0."""

    async def run(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        unmeasured = False

        async def send_plain(message: ASGISendEvent) -> None:
            nonlocal unmeasured
            if message["type"] == "http.response.start":
                headers = [h for h in message.get("headers", ()) if h[0].lower() != b"transfer-encoding"]
                message = {**message, "headers": headers}
                unmeasured = all(name.lower() != b"content-length" for name, _ in headers)
                if unmeasured:
                    cycle.chunked_encoding = False
            elif message["type"] == "http.response.body" and unmeasured:
                cycle.expected_content_length = len(message.get("body", b""))
            await send(message)

        await app(scope, receive, send_plain)

    return run
