"""Spans go on from the caller's trace and arrive at a collector; without one nothing of OpenTelemetry is even imported."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from chassis.spans import are_exported, begin_span, export_spans, send_last_spans
from chassis.telemetry import RequestContext

TRACE, PARENT = "a" * 32, "b" * 16


class Collector(ThreadingHTTPServer):
    """Keeps what it is sent, as an OpenTelemetry collector would take it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.spans: dict[str, Any] = {}
        self.services: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/traces"

    def take(self, body: bytes) -> None:
        for each in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.services |= {
                a.value.string_value for a in each.resource.attributes if a.key == "service.name"
            }
            self.spans |= {span.name: span for scope in each.scope_spans for span in scope.spans}


class _Taking(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        self.server.take(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Tests are silent."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    app = FastAPI()

    @app.get("/appeals/{number}")
    async def read(number: str) -> str:
        return number

    app.add_middleware(RequestContext)
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://service") as asking:
        yield asking


async def test_a_request_and_what_it_causes_are_spans_of_the_callers_trace(
    client: httpx2.AsyncClient, collector: Collector
) -> None:
    export_spans("test", collector.url)
    sent = {"traceparent": f"00-{TRACE}-{PARENT}-01"}
    answer = await client.get("/appeals/46-2026-0000001", headers=sent)
    handling = begin_span(answer.headers["traceparent"], "consumer")
    handling.end("handle fold", failed=True)
    await send_last_spans()
    assert collector.services == {"otklik-test"}
    request, handled = collector.spans["GET /appeals/{number}"], collector.spans["handle fold"]
    assert (request.trace_id.hex(), request.parent_span_id.hex()) == (TRACE, PARENT)
    assert answer.headers["traceparent"] == f"00-{TRACE}-{request.span_id.hex()}-01"
    assert (handled.trace_id, handled.parent_span_id) == (request.trace_id, request.span_id)
    assert (request.status.code, handled.status.code) == (0, 2)
    attributes = {each.key: each.value.string_value or each.value.int_value for each in request.attributes}
    assert attributes == {
        "http.route": "/appeals/{number}",
        "http.request.method": "GET",
        "http.response.status_code": 200,
    }
    assert "0000001" not in str(collector.spans), "what was asked for is nobody's business"


async def test_a_collector_that_is_away_holds_nobody_up(client: httpx2.AsyncClient) -> None:
    export_spans("test", "http://127.0.0.1:1/v1/traces")
    assert (await client.get("/appeals/1", headers={"traceparent": "nonsense"})).status_code == 200
    assert are_exported()
    await send_last_spans()
    assert not are_exported()


def test_without_the_setting_nothing_is_imported() -> None:
    program = "import sys; from chassis.spans import *; export_spans('x', ''); print(begin_span(None, 'server').traceparent)"
    program += "; begin_span(None, 'server').end('x'); assert not [m for m in sys.modules if m.startswith('opentelemetry')]"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert len(done.stdout.strip()) == 55


def test_missing_packages_are_a_sentence() -> None:
    program = "import sys; sys.modules['opentelemetry.sdk'] = None; from chassis.spans import export_spans; export_spans('x', 'http://y')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "RuntimeError: OTKLIK_TRACES_URL needs packages that are not installed: pip install" in done.stderr
