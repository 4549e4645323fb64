"""The pages' connections to the gateway: those that listen leave those that ask theirs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from web.platform.client import Platform, open_connections
from web.platform.problems import Unreachable
from web.settings import WebSettings
from web.timing import Timing

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"


class Answer(BaseModel):
    """What the stand-in says."""

    well: bool


@asynccontextmanager
async def _gateway(folder: Path) -> AsyncIterator[str]:
    """Streams never end, everything else is answered at once."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with_stream = b"/stream" in await reader.readuntil(b"\r\n\r\n")
        body = b'{"well": true}'
        rest = b"\r\n: open\n\n" if with_stream else b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        writer.write(_HEAD + rest)
        await reader.read()
        writer.close()

    address = folder / "gateway.sock"
    async with await asyncio.start_unix_server(answer, address):
        yield f"unix:{address}"


@asynccontextmanager
async def _platform(folder: Path, **settings: float) -> AsyncIterator[Platform]:
    async with _gateway(folder) as address:
        made = WebSettings.model_validate(
            {"gateway_url": address, "pages_key": SecretStr("key"), "gateway_seconds": 0.5, **settings}
        )
        connections = open_connections(made)
        yield Platform(connections, "", "", "request", Timing())
        await connections.close()


async def test_open_screens_leave_pages_their_connections(tmp_path: Path) -> None:
    async with (
        _platform(tmp_path, gateway_connections=1, listening_connections=150) as platform,
        AsyncExitStack() as screens,
    ):
        for _ in range(120):
            await screens.enter_async_context(platform.listen("/analytics/stream"))
        assert (await platform.read(Answer, "/figures")).well


async def test_a_screen_beyond_the_connections_is_not_kept_waiting(tmp_path: Path) -> None:
    async with _platform(tmp_path, listening_connections=1) as platform, AsyncExitStack() as screens:
        await screens.enter_async_context(platform.listen("/analytics/stream"))
        with pytest.raises(Unreachable):
            await screens.enter_async_context(platform.listen("/analytics/stream"))
