"""Spans of requests and of handled events, sent over OTLP/HTTP to the collector that a setting names.

Without the setting nothing of OpenTelemetry is imported, and a span is its `traceparent` alone: ids go on from request to event in
any case. A collector that does not answer costs lines in the log and spans, nothing else. Spans hold routes, never paths, and
nothing of what was sent.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span as OpenSpan

_TRACEPARENT = re.compile(r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")
_MISSING: Final = "OTKLIK_TRACES_URL needs packages that are not installed: pip install --require-hashes -r requirements-traces.lock"
_MOST_SECONDS: Final = 3.0  # for the last spans, at the end of a process
Kind = Literal["server", "consumer"]
Value = str | int


@dataclass(slots=True)
class _Exporting:
    """To where this process sends its spans, if anywhere."""

    provider: TracerProvider | None = None


_exporting = _Exporting()


@dataclass(frozen=True, slots=True)
class Span:
    """Something that takes its time. `traceparent`: what it causes goes on with (W3C trace context)."""

    traceparent: str
    _inner: OpenSpan | None = field(default=None, repr=False)

    def end(self, name: str, *, failed: bool = False, **attributes: Value) -> None:
        """It is over. An attribute's name has `_` where OpenTelemetry's has a dot (`http_route`), and `__` where that has `_`."""
        if self._inner is None:
            return
        from opentelemetry.trace import StatusCode

        self._inner.update_name(name)
        self._inner.set_attributes({_named(key): value for key, value in attributes.items()})
        if failed:
            self._inner.set_status(StatusCode.ERROR)
        self._inner.end()


def _named(attribute: str) -> str:
    return attribute.replace("__", "-").replace("_", ".").replace("-", "_")


def continue_trace(parent: str | None) -> str:
    """A span of the caller's trace, or of a new one when the caller sent none or nonsense."""
    if parent and _TRACEPARENT.match(parent):
        return f"{parent[:36]}{secrets.token_hex(8)}{parent[52:]}"
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def begin_span(parent: str | None, kind: Kind) -> Span:
    """One that goes on from `parent`, as `continue_trace`."""
    if _exporting.provider is None:
        return Span(continue_trace(parent))
    return _begin_exported(_exporting.provider, parent if parent and _TRACEPARENT.match(parent) else "", kind)


def _begin_exported(provider: TracerProvider, parent: str, kind: Kind) -> Span:
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    propagator = TraceContextTextMapPropagator()
    context = propagator.extract({"traceparent": parent} if parent else {})
    kinds = {"server": SpanKind.SERVER, "consumer": SpanKind.CONSUMER}
    inner = provider.get_tracer("otklik").start_span(kind, context, kinds[kind])
    here = inner.get_span_context()
    return Span(f"00-{here.trace_id:032x}-{here.span_id:016x}-{int(here.trace_flags):02x}", inner)


def are_exported() -> bool:
    """Whether this process sends its spans anywhere."""
    return _exporting.provider is not None


def export_spans(service: str, url: str) -> None:
    """From now on, to `url` (such as http://127.0.0.1:4318/v1/traces); nowhere if it is empty. RuntimeError where the packages
    are missing."""
    if not url:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise RuntimeError(_MISSING) from None
    provider = TracerProvider(resource=Resource.create({"service.name": f"otklik-{service}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)))
    _exporting.provider = provider


async def send_last_spans() -> None:
    """At the end of a process; it waits for the collector a moment only."""
    provider, _exporting.provider = _exporting.provider, None
    if provider is not None:
        await asyncio.to_thread(provider.force_flush, int(_MOST_SECONDS * 1000))
