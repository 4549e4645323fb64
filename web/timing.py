"""Where the time of a page went, for a browser's developer tools and the bench: the Server-Timing header (W3C)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEY: Final = "otklik.timing"


@dataclass(slots=True)
class Timing:
    """What the platform was asked while one page was made: how often, and for how many seconds altogether; calls made side by
    side count each for itself."""

    calls: int = 0
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """One call that took so long."""
        self.calls += 1
        self.seconds += seconds

    def header(self, whole: float) -> bytes:
        """The header's value for a page that took `whole` seconds: milliseconds of the page, and of its calls."""
        return (
            f'page;dur={whole * 1000:.1f}, platform;dur={self.seconds * 1000:.1f};desc="{self.calls} calls"'
        ).encode()


def timing_of(request: Request) -> Timing:
    """Of this request."""
    timing = request.scope.setdefault(KEY, Timing())
    assert isinstance(timing, Timing)
    return timing


class ServerTiming:
    """ASGI middleware: every answer says how long it took."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        began = time.perf_counter()
        timing = scope[KEY] = Timing()

        async def send_timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                header = (b"server-timing", timing.header(time.perf_counter() - began))
                message["headers"] = [*message["headers"], header]
            await send(message)

        await self.app(scope, receive, send_timed)
