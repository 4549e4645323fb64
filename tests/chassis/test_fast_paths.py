"""A hot route behaves exactly like the same route on the framework's way; only its layers are left out."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import orjson
import pytest
from fastapi import Request
from fastapi.responses import Response
from prometheus_client import REGISTRY

from chassis.fast_path import App
from chassis.logs import traceparent_now
from chassis.problems import NotAllowedNow, install_problem_handlers
from chassis.telemetry import RequestContext

MOST = 1000
TRACE = f"00-{'a' * 32}-{'b' * 16}-01"


async def echo(request: Request) -> Response:
    body = orjson.loads(await request.body())
    if body == "problem":
        raise NotAllowedNow("Not in this state.")
    if body == "bug":
        raise ZeroDivisionError
    if body == "weather":
        raise ConnectionError
    seen = {"body": body, "app": request.app.state.name, "trace": (traceparent_now.get() or "")[:35]}
    return Response(orjson.dumps(seen), 201, media_type="application/json")


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    app = App(fast_paths={("POST", "/hot"): echo}, most_bytes=MOST, max_body_size=MOST)
    app.state.name = "here"
    install_problem_handlers(app)
    app.add_middleware(RequestContext)
    app.add_api_route("/hot", echo, methods=["POST"], status_code=201)
    app.add_api_route("/plain", echo, methods=["POST"], status_code=201)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as made:
        yield made


@pytest.mark.parametrize("body", ['"fine"', '{"a": 1}', '"problem"', '"bug"', '"weather"', f'"{"x" * MOST}"'])
async def test_both_ways_answer_the_same(client: httpx2.AsyncClient, body: str) -> None:
    headers = {"x-request-id": "mine", "traceparent": TRACE}
    hot = await client.post("/hot", content=body, headers=headers)
    plain = await client.post("/plain", content=body, headers=headers)
    assert hot.status_code == plain.status_code
    assert hot.headers["x-request-id"] == "mine"
    assert hot.headers["traceparent"][:35] == TRACE[:35]
    if hot.status_code != 413:  # the framework's own limit words it differently
        assert hot.headers["content-type"] == plain.headers["content-type"]
        assert hot.content == plain.content


async def test_a_body_over_the_limit_is_refused_also_without_a_length(client: httpx2.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b" " * 100

    answer = await client.post("/hot", content=pieces())
    assert answer.status_code == 413
    assert answer.json()["type"] == "/problems/too-large"


async def test_other_methods_and_paths_go_the_usual_way(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/hot")).status_code == 405
    assert (await client.post("/hot/more", content="1")).status_code == 404


async def test_its_duration_is_measured_under_its_path(client: httpx2.AsyncClient) -> None:
    def measured() -> float:
        labels = {"method": "POST", "route": "/hot", "status": "201"}
        return REGISTRY.get_sample_value("otklik_request_seconds_count", labels) or 0.0

    before = measured()
    await client.post("/hot", content='"fine"')
    assert measured() == before + 1
