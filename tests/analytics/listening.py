"""The analytics service on a real socket, and those who listen to its live stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx2
import uvicorn
from fastapi import FastAPI

from chassis.http1.limits import BEHIND_THE_GATEWAY
from chassis.resources import resources_in
from chassis.serve import bind, server_config
from chassis.workers import Worker
from harness.waiting import eventually
from otklik_client.events import EventReader, StreamEvent
from services.analytics.announcements.actions import WAKE_UP
from services.analytics.resources import AnalyticsResources
from services.analytics.stream.actions import pass_on

PATH = "/api/v1/analytics/stream"


@dataclass
class Ear:
    """Somebody who listens, with all that was heard, and goes on where the line was cut."""

    client: httpx2.AsyncClient
    headers: dict[str, str]
    query: dict[str, str] = field(default_factory=dict)
    heard: list[StreamEvent] = field(default_factory=list)
    lines: int = 0  # opened so far
    _task: asyncio.Task[None] | None = None

    @property
    def last_id(self) -> str:
        """Of what was heard last."""
        return self.heard[-1].id if self.heard else ""

    def of(self, *kinds: str) -> list[dict[str, Any]]:
        """The data of what was heard of these kinds."""
        return [event.data for event in self.heard if event.event in kinds]

    def open(self) -> None:
        """Open a line."""
        self._task = asyncio.create_task(self._listen())

    async def cut(self) -> None:
        """The line breaks, wherever it is."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def ended(self) -> None:
        """The other side ends it."""
        assert self._task is not None
        await self._task

    async def _listen(self) -> None:
        headers = {**self.headers, **({"Last-Event-ID": self.last_id} if self.last_id else {})}
        async with self.client.stream("GET", PATH, headers=headers, params=self.query) as response:
            assert response.status_code == 200, await response.aread()
            self.lines += 1
            reader = EventReader()
            async for piece in response.aiter_bytes():
                self.heard += reader.feed(piece)


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[tuple[httpx2.AsyncClient, uvicorn.Server]]:
    """The application on a socket, with the worker that passes on what is announced."""
    resources = resources_in(app, AnalyticsResources)
    socket = bind("127.0.0.1:0")
    server = uvicorn.Server(server_config(app, BEHIND_THE_GATEWAY, lifespan="off"))
    serving = asyncio.create_task(server._serve([socket]))
    working = asyncio.create_task(Worker("stream", pass_on, WAKE_UP).run(resources, resources.wake_ups))
    await eventually(lambda: server.started)
    url = f"http://127.0.0.1:{socket.getsockname()[1]}"
    limits = httpx2.Limits(max_connections=None)
    try:
        async with httpx2.AsyncClient(base_url=url, timeout=20, limits=limits) as client:
            yield client, server
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
        server.should_exit = True
        await serving


async def cut_all(ears: Sequence[Ear]) -> None:
    """Nobody listens any more."""
    for ear in ears:
        await ear.cut()
