"""A stand-in for the APIs of OK and MAX, as far as they are asked: what they document, and failures on demand.

Nothing can be tried against the networks themselves from here. What the stand-in answers was written from apiok.ru
(discussions.getList, discussions.getComments, the signature of calls) and dev.max.ru (GET and POST /subscriptions).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, StreamingResponse

from harness.system import free_port

PAGE = 3  # comments, or discussions, a page, so that few make several
GROUP, TOPIC = "53000000000001", "70000000000001"
TOKEN, KEY, SECRET = "tkn1", "KEY1", "SECRET1"


@dataclass
class Networks:
    """What the stand-in knows. `is_away`: every call fails; `is_endless`: answers have no end; `calls`: the names of those
    that came."""

    url: str
    comments: list[dict[str, Any]] = field(default_factory=list)
    subscriptions: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    is_away: bool = False
    is_endless: bool = False

    def comment(
        self, number: int, text: str, at: float, author: str = "590000000001", topic: str = TOPIC
    ) -> None:
        """Somebody writes; `at`: Unix seconds."""
        written = {"id": f"c{number}", "text": text, "date_ms": int(at * 1000), "author_id": author}
        more = {"type": "ACTIVE_MESSAGE", "like_count": 0, "discussion_id": topic}
        self.comments.insert(0, {**written, **more})

    def answer(self, call: dict[str, str]) -> dict[str, Any]:
        """The answer of OK to a call."""
        self.calls.append(call.get("method", ""))
        if not _is_signed(call):
            return {"error_code": 104, "error_msg": "PARAM_SIGNATURE : Invalid signature"}
        start = int(call.get("anchor") or 0)
        if call["method"] == "discussions.getList":
            name, found = "discussions", self._topics(call["gid"])
        else:
            topic = call["discussionId"]
            name, found = "comments", [each for each in self.comments if each["discussion_id"] == topic]
        return {
            name: found[start : start + PAGE],
            "has_more": start + PAGE < len(found),
            "anchor": str(start + PAGE),
        }

    def _topics(self, group: str) -> list[dict[str, Any]]:
        """The most lively first; one that nobody has written in says nothing of when."""
        last = {TOPIC: 0}
        for each in self.comments:
            last[each["discussion_id"]] = max(last.get(each["discussion_id"], 0), each["date_ms"])
        return [
            {"object_type": "GROUP_TOPIC", "object_id": topic, "owner_uid": group}
            | ({"last_activity_date_ms": at} if at else {})
            for topic, at in sorted(last.items(), key=lambda each: -each[1])
        ]


def _is_signed(call: dict[str, str]) -> bool:
    """apiok.ru: MD5 of the sorted parameters and MD5 of token and application's secret."""
    session = hashlib.md5((TOKEN + SECRET).encode()).hexdigest()
    signed = sorted((name, value) for name, value in call.items() if name not in ("sig", "access_token"))
    whole = "".join(f"{name}={value}" for name, value in signed) + session
    return call.get("sig") == hashlib.md5(whole.encode()).hexdigest()


async def _without_end(request: Request) -> AsyncIterator[bytes]:
    """Until whoever asks has gone."""
    while not await request.is_disconnected():
        yield b" " * 65_536
        await asyncio.sleep(0)


def _app(networks: Networks) -> FastAPI:
    app = FastAPI()

    @app.post("/fb.do")
    async def call(request: Request) -> Any:
        form = {name: str(value) for name, value in (await request.form()).items()}
        if networks.is_endless:
            return StreamingResponse(_without_end(request))
        return JSONResponse({}, 502) if networks.is_away else networks.answer(form)

    @app.get("/subscriptions")
    async def subscriptions(request: Request) -> Any:
        networks.calls.append("GET subscriptions")
        if networks.is_endless:
            return StreamingResponse(_without_end(request))
        if request.headers.get("authorization") != TOKEN:
            return JSONResponse({"code": "verify.token"}, 401)
        return {"subscriptions": networks.subscriptions}

    @app.post("/subscriptions")
    async def subscribe(request: Request) -> Any:
        networks.calls.append("POST subscriptions")
        networks.subscriptions.append(await request.json())
        return {"success": True}

    return app


@asynccontextmanager
async def networks_running() -> AsyncIterator[Networks]:
    """The stand-in, listening on this machine."""
    port = free_port()
    networks = Networks(f"http://127.0.0.1:{port}")
    server = uvicorn.Server(uvicorn.Config(_app(networks), port=port, log_level="error", lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield networks
    finally:
        server.should_exit = True
        await task
