"""Answers that do not end by themselves: server-sent events (WHATWG HTML, "Server-sent events").

A stream ends when its pieces do, when the caller leaves, when its time is over, or when the server ends (`http1`). A caller who
does not read is parted with as from any other answer (`http1.limits`); meanwhile no further piece is made.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chassis.causes import cause_of

log = structlog.get_logger()
MEDIA_TYPE: Final = "text/event-stream"
COMMENT: Final = b":\n\n"
LAST_WORD_SECONDS: Final = 1.0


def event_of(event: str, id: str, data: bytes) -> bytes:
    """One event; `data` is JSON, which has no line breaks."""
    return b"event: %b\nid: %b\ndata: %b\n\n" % (event.encode(), id.encode(), data)


class EventStream(Response):
    """Sends pieces as they come, until `ends_at` (seconds since 1970) at the latest."""

    media_type = MEDIA_TYPE

    def __init__(self, pieces: AsyncIterator[bytes], ends_at: float) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self.pieces = pieces
        self.ends_at = ends_at

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        sending = asyncio.create_task(self._send_all(send))
        leaving = asyncio.create_task(_until_gone(receive))
        try:
            left = max(0.0, self.ends_at - time.time())
            await asyncio.wait((sending, leaving), timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                await sending
            elif not leaving.done():
                await _stop(sending)
                with suppress(TimeoutError):
                    async with asyncio.timeout(LAST_WORD_SECONDS):
                        await _end(send)
        finally:
            await _stop(sending, leaving)

    async def _send_all(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        try:
            async for piece in self.pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        except Exception as error:
            reason = cause_of(error)
            if not reason:
                raise
            log.warning("stream of events ended", reason=reason)  # the caller comes back
        await _end(send)


async def _end(send: Send) -> None:
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _stop(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled():
            task.exception()  # seen
