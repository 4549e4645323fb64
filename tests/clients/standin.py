"""A stand-in for the outside of Otklik: a real HTTP server that can be told to misbehave, and a line that can be cut."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from otklik_client.models import AssignmentView, ClaimedAssignment, Problem, Receipt, TrackView
from tests.clients.filled import filled


def problem(
    status: int, slug: str, title: str = "No", headers: dict[str, str] | None = None, **more: Any
) -> Response:
    """A problem document."""
    return JSONResponse(
        {"type": f"/problems/{slug}", "title": title, "status": status, **more},
        status_code=status,
        media_type="application/problem+json",
        headers=headers,
    )


@dataclass
class Standin:
    """What the server knows, and how it is to misbehave."""

    url: str = ""
    token_seconds: float = 600
    tokens: list[str] = field(default_factory=list)
    refused_tokens: set[str] = field(default_factory=set)
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    # Answers given instead of the real ones, one per request to anything but the token.
    instead: deque[Response] = field(default_factory=deque)
    busy_lines: deque[set[str]] = field(default_factory=deque)  # texts answered 503, per batch request
    register: dict[str, dict[str, Any]] = field(default_factory=dict)
    pages: list[dict[str, Any]] = field(default_factory=list)

    def seen(self, path: str) -> list[tuple[str, str, dict[str, str], bytes]]:
        """Requests that reached a path."""
        return [request for request in self.requests if request[1] == path]

    def registered(self, identity: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """201 with a new appeal, or 200 with the one known under that identity."""
        status = 200 if identity in self.register else 201
        if status == 201:
            number = f"46-2026-{len(self.register) + 1:07}"
            appeal = {
                "id": str(uuid4()),
                "number": number,
                "tracking_code": uuid4().hex,
                "text": body["text"],
            }
            self.register[identity] = appeal
        return status, self.register[identity]


def create_app(standin: Standin) -> FastAPI:
    """The server's routes."""
    app = FastAPI()

    @app.middleware("http")
    async def note(request: Request, call_next: Any) -> Any:
        body = await request.body()
        path = request.url.path
        if path == "/oauth/token":
            return await call_next(request)
        standin.requests.append((request.method, path, dict(request.headers), body))
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not path.startswith("/api/v1/track") and (
            token in standin.refused_tokens or token not in standin.tokens
        ):
            return problem(401, "unauthorised", "A valid access token is needed")
        if standin.instead:
            return standin.instead.popleft()
        return await call_next(request)

    @app.post("/oauth/token")
    async def token(request: Request) -> Any:
        form = (await request.body()).decode()
        if "client_secret=right" not in form:
            return JSONResponse({"error": "invalid_client", "error_description": "Wrong secret."}, 401)
        await asyncio.sleep(0.02)
        standin.tokens.append(f"token-{len(standin.tokens)}")
        return {
            "access_token": standin.tokens[-1],
            "token_type": "Bearer",
            "expires_in": standin.token_seconds,
        }

    @app.post("/api/v1/appeals")
    async def submit(request: Request) -> Response:
        body = await request.json()
        identity = body.get("external_id") or request.headers["idempotency-key"]
        status, appeal = standin.registered(identity, body)
        headers = {"Idempotent-Replayed": "true"} if status == 200 and not body.get("external_id") else {}
        answer = filled(Receipt, **{name: appeal[name] for name in ("id", "number", "tracking_code")})
        return JSONResponse(answer, 201 if headers else status, headers)

    @app.post("/api/v1/appeals/batch")
    async def submit_batch(request: Request) -> Response:
        busy = standin.busy_lines.popleft() if standin.busy_lines else set()
        key = request.headers.get("idempotency-key")
        lines = (await request.body()).rstrip(b"\n").split(b"\n")
        assert len(lines) <= 1000
        answers = [_line(standin, number, line, key, busy) for number, line in enumerate(lines, 1)]
        content = "".join(json.dumps(answer, ensure_ascii=False) + "\n" for answer in answers)
        return Response(content, media_type="application/x-ndjson")

    @app.post("/api/v1/queue/claim")
    async def claim(request: Request) -> Any:
        item = filled(ClaimedAssignment, version=3, lease_token="lease", topic="lights")
        return {"items": [item] * (await request.json())["limit"]}

    @app.post("/api/v1/assignments/{id}/{verb}")
    async def act(id: str, verb: str) -> Any:
        return filled(AssignmentView, id=id, version=4)

    @app.get("/api/v1/queue")
    @app.get("/api/v1/queue/changes")
    async def page() -> Any:
        return standin.pages.pop(0)

    @app.get("/api/v1/track/{code}")
    async def track(code: str) -> Any:
        return filled(TrackView, number=code, status="in_work")

    return app


def _problem(slug: str, title: str, status: int) -> dict[str, Any]:
    return filled(Problem, type=f"/problems/{slug}", title=title, status=status)


def _line(standin: Standin, number: int, line: bytes, key: str | None, busy: set[str]) -> dict[str, Any]:
    body = json.loads(line)
    if body.get("text") in busy:
        return {"line": number, "status": 503, "problem": _problem("unavailable", "Busy", 503)}
    if not body.get("text"):
        return {"line": number, "status": 422, "problem": _problem("invalid", "No text\u2028here", 422)}
    identity = body.get("external_id") or f"{key}/{number}"
    assert body.get("external_id") or key, "neither external_id nor Idempotency-Key"
    status, appeal = standin.registered(identity, body)
    if appeal["text"] != body["text"]:
        return {"line": number, "status": 422, "problem": _problem("external-id-reused", "Reused", 422)}
    return {
        "line": number,
        "status": status,
        **{name: appeal[name] for name in ("id", "number", "tracking_code")},
    }


@contextmanager
def serving_app(app: FastAPI) -> Iterator[str]:
    """The app on a free port, in a thread; gives its URL."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.005)
        assert thread.is_alive()
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


@contextmanager
def serving(standin: Standin) -> Iterator[Standin]:
    """The stand-in, running."""
    with serving_app(create_app(standin)) as standin.url:
        yield standin


class Line:
    """A TCP line to the server that loses answers: `cuts` holds, for the answers to come, after how many of its bytes
    the connection is cut. Nothing more in it: nothing is cut."""

    def __init__(self, upstream_port: int) -> None:
        self.upstream_port = upstream_port
        self.cuts: deque[int] = deque()
        self.lost = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Line:
        self._thread.start()
        starting = asyncio.start_server(self._connected, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result(5)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.upstream_port)
        sending = asyncio.create_task(self._pass_on(reader, up_writer))
        try:
            left: int | None = None
            while piece := await up_reader.read(65536):
                if left is None and self.cuts:
                    left = self.cuts.popleft()
                if left is not None and len(piece) >= left:
                    self.lost += 1
                    writer.write(piece[:left])
                    break
                left = None if left is None else left - len(piece)
                writer.write(piece)
                await writer.drain()
        finally:
            sending.cancel()
            for one in (writer, up_writer):
                with suppress(OSError):
                    one.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(65536):
                writer.write(piece)
                await writer.drain()
