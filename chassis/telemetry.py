"""Logs without personal data, metrics, and W3C trace context through HTTP, outbox, NATS and consumers."""

from __future__ import annotations

import logging
import re
import secrets
import sys
import time
from collections.abc import MutableMapping
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import structlog
from prometheus_client import Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.errors import describe_traceback
from chassis.lines import LineHandler, LineLogger, NeverRaises
from chassis.priority import foreground

traceparent_now: ContextVar[str | None] = ContextVar("traceparent", default=None)
_TRACEPARENT = re.compile(r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")
_REQUEST_ID = re.compile(r"^[A-Za-z0-9._:-]{1,128}$")
_PERSONAL_KEYS = frozenset(
    {"text", "name", "email", "phone", "applicant", "address", "comment", "question", "body", "authorization"}
)

REQUEST_SECONDS = Histogram(
    "otklik_request_seconds",
    "Duration of HTTP requests",
    ("method", "route", "status"),
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
OUTBOX_BACKLOG = Gauge("otklik_outbox_backlog", "Events committed but not yet on the wire")
OUTBOX_AGE = Gauge("otklik_outbox_oldest_seconds", "Age of the oldest event not yet on the wire")
EVENTS_PUBLISHED = Counter("otklik_events_published_total", "Events put on the wire")
EVENTS_HANDLED = Counter("otklik_events_handled_total", "Events whose effect was committed", ("handler",))
EVENT_RETRIES = Counter(
    "otklik_event_retries_total", "Deliveries that failed and will be repeated", ("handler",)
)
DEAD_LETTERS = Gauge("otklik_dead_letters", "Events given up on, waiting for a person")
CONSUMER_LAG = Gauge(
    "otklik_consumer_lag",
    "Messages (bundles of events) on the stream not yet worked off by this service",
    ("stream",),
)
TASK_RESTARTS = Counter("otklik_task_restarts_total", "Background tasks restarted after an error", ("task",))


def configure_logging(service: str, level: str) -> None:
    """JSON lines on standard error, one per event. Logging never raises: lost lines are counted (see `lines`)."""
    logging.raiseExceptions = False
    handler = LineHandler()
    handler.setFormatter(_Formatter("%(message)s"))
    logging.basicConfig(level=level, handlers=[handler])
    for noisy in ("nats", "httpx2", "uvicorn.access", "sqlalchemy.engine", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    filtering = structlog.make_filtering_bound_logger(logging.getLevelNamesMapping().get(level, 20))
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _add_trace,
            drop_personal_data,
            _describe_exception,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=type("Log", (NeverRaises, filtering), {}),
        logger_factory=lambda *_: LineLogger(),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)


def _describe_exception(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """`exc_info` as types and places: messages of exceptions quote values."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["exception"] = describe_traceback(error)
    return event


class _Formatter(logging.Formatter):
    """The same for libraries that log by themselves."""

    def formatException(self, ei: Any) -> str:
        return describe_traceback(ei[1]) if ei and ei[1] is not None else ""


def drop_personal_data(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last gate: fields that may hold what a citizen wrote are never printed."""
    for key in _PERSONAL_KEYS & event.keys():
        event[key] = "[masked]"
    return event


def _add_trace(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    parent = traceparent_now.get()
    if parent:
        event["trace_id"] = parent.split("-")[1]
    return event


def continue_trace(parent: str | None) -> str:
    """A span of the caller's trace, or of a new one when the caller sent none or nonsense."""
    if parent and _TRACEPARENT.match(parent):
        return f"{parent[:36]}{secrets.token_hex(8)}{parent[52:]}"
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def _request_id(sent: str) -> str:
    """The caller's own, or a new one when the caller sent none or nonsense."""
    return sent if _REQUEST_ID.match(sent) else secrets.token_hex(12)


def _timer(scope: Scope, status: int) -> Histogram:
    """The metric of a request that has been answered."""
    return _labelled_timer(scope["method"], getattr(scope.get("route"), "path", "-"), status)


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
        trace = continue_trace(headers.get(b"traceparent", b"").decode("latin-1"))
        token = traceparent_now.set(trace)
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
