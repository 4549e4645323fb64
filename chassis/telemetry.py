"""What every request has: an id, a span of its trace, and the metric of its duration."""

from __future__ import annotations

import re
import secrets
import time
from functools import lru_cache

from prometheus_client import Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.languages import chosen, language_now
from chassis.logs import request_id_now, traceparent_now
from chassis.priority import foreground
from chassis.spans import Span, begin_span

_REQUEST_ID = re.compile(r"^[A-Za-z0-9._:-]{1,128}$")

REQUEST_SECONDS = Histogram(
    "otklik_request_seconds",
    "Duration of HTTP requests",
    ("method", "route", "status"),
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def _request_id(sent: str) -> str:
    """The caller's own, or a new one when the caller sent none or nonsense."""
    return sent if _REQUEST_ID.match(sent) else secrets.token_hex(12)


def identified(scope: Scope, sent: bytes) -> Scope:
    """The same request with an id: `sent` is the caller's, or empty. Whatever is written of it then has this id."""
    request_id = _request_id(sent.decode("latin-1"))
    if request_id.encode() == sent:
        return scope
    others = [pair for pair in scope["headers"] if pair[0] != b"x-request-id"]
    return {**scope, "headers": [*others, (b"x-request-id", request_id.encode())]}


def _timer(scope: Scope, status: int) -> Histogram:
    """The metric of a request that has been answered."""
    return _labelled_timer(scope["method"], route_of(scope), status)


def route_of(scope: Scope) -> str:
    """The path of the route that answers, with its parameters' names; never what was asked for."""
    return getattr(scope.get("route"), "path", "-")


def end_request(span: Span, method: str, route: str, status: int) -> None:
    """A request has been answered."""
    span.end(
        f"{method} {route}",
        failed=status >= 500,
        http_route=route,
        http_request_method=method,
        http_response_status__code=status,
    )


@lru_cache(maxsize=4096)
def _labelled_timer(method: str, route: str, status: int) -> Histogram:
    """The metric under its labels: looking them up costs more than counting."""
    return REQUEST_SECONDS.labels(method, route, status)


_NO_STORE = (b"cache-control", b"no-store")
EVENT_STREAM = b"text/event-stream"


def _is_endless(headers: list[tuple[bytes, bytes]]) -> bool:
    """Whether an answer is a stream of events: it is open for minutes, and nobody waits for its end."""
    return any(name.lower() == b"content-type" and value.startswith(EVENT_STREAM) for name, value in headers)


def _uncached(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Nothing is to be kept on the way but what says so itself: most answers are about somebody."""
    if any(name.lower() == b"cache-control" for name, _ in headers):
        return headers
    return [*headers, _NO_STORE]


class RequestContext:
    """ASGI middleware: request id, trace context, no-store, and the duration metric of every request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        request_id = _request_id(headers.get(b"x-request-id", b"").decode("latin-1"))
        span = begin_span(headers.get(b"traceparent", b"").decode("latin-1"), "server")
        trace = span.traceparent
        token, named = traceparent_now.set(trace), request_id_now.set(request_id)
        language = language_now.set(chosen(headers.get(b"accept-language", b"").decode("latin-1")))
        foreground.waiting += 1
        waits = True
        started, status = time.perf_counter(), 500
        extra = [(b"x-request-id", request_id.encode()), (b"traceparent", trace.encode())]

        def answered() -> None:
            nonlocal waits
            if waits:
                waits = False
                foreground.waiting -= 1
                _timer(scope, status).observe(time.perf_counter() - started)
                end_request(span, scope["method"], route_of(scope), status)

        async def send_with_ids(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if _is_endless(message["headers"]):
                    answered()
                message["headers"] = [*_uncached(message["headers"]), *extra]
            await send(message)

        try:
            await self.app(scope, receive, send_with_ids)
        finally:
            answered()
            traceparent_now.reset(token)
            request_id_now.reset(named)
            language_now.reset(language)
