"""HEAD and OPTIONS on every path, and 405 with everything the path allows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from chassis.fast_path import App
from chassis.problems import NotFound, install_problem_handlers
from chassis.telemetry import RequestContext


async def submit(request: Request) -> Response:
    return Response(await request.body())


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    app = App(fast_paths={("POST", "/things"): submit}, most_bytes=1000, redirect_slashes=False)
    install_problem_handlers(app)
    app.add_middleware(RequestContext)
    router = APIRouter(prefix="/things")

    @router.get("")
    async def list_things() -> dict[str, str]:
        return {"things": "many"}

    @router.get("/events")
    async def stream() -> StreamingResponse:
        async def endless() -> AsyncIterator[bytes]:
            while True:
                yield b": still there\n\n"
                await asyncio.sleep(0)

        return StreamingResponse(endless(), media_type="text/event-stream", headers={"x-kind": "events"})

    @router.get("/{id}")
    async def read_thing(id: int) -> dict[str, int]:
        if id > 9:
            raise NotFound
        return {"id": id}

    router.add_api_route("", submit, methods=["POST"])
    router.add_api_route("/{id}", submit, methods=["PUT", "DELETE"], include_in_schema=False)
    app.include_router(router)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as made:
        yield made


@pytest.mark.parametrize(
    "path", ["/things", "/things/3", "/things/10", "/things/x", "/openapi.json", "/nowhere"]
)
async def test_head_is_get_without_the_body(client: httpx2.AsyncClient, path: str) -> None:
    read, asked = await client.get(path), await client.head(path)
    named = {"content-type", "content-length", "cache-control"}
    assert asked.status_code == read.status_code
    assert {n: asked.headers.get(n) for n in named} == {n: read.headers.get(n) for n in named}
    assert read.content
    assert not asked.content
    assert asked.headers["x-request-id"]


async def test_head_of_an_endless_answer_ends(client: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(10):
        answer = await client.head("/things/events")
    assert (answer.status_code, answer.headers["x-kind"], answer.content) == (200, "events", b"")


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/things", "GET, HEAD, OPTIONS, POST"),
        ("/things/3", "DELETE, GET, HEAD, OPTIONS, PUT"),
        ("/things/events", "DELETE, GET, HEAD, OPTIONS, PUT"),
    ],
)
async def test_a_path_names_its_methods(client: httpx2.AsyncClient, path: str, methods: str) -> None:
    asked = await client.options(path)
    assert (asked.status_code, asked.content, asked.headers["allow"]) == (204, b"", methods)
    refused = await client.request("PATCH", path)
    assert (refused.status_code, refused.headers["allow"]) == (405, methods)
    assert refused.json()["type"] == "/problems/method-not-allowed"


async def test_nothing_has_no_methods(client: httpx2.AsyncClient) -> None:
    assert (await client.options("/nowhere")).status_code == 404
