"""Reading a stream of server-sent events (WHATWG HTML, "Server-sent events"), as far as ours use the format."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, Final

import httpx2

from otklik.models import StreamEvent

LONGEST_EVENT: Final = 1024 * 1024


async def read_events(response: httpx2.Response) -> AsyncIterator[StreamEvent]:
    """Whole events as they arrive; what breaks off in the middle is dropped, comments are nothing. ValueError for an event
    without an end."""
    rest = b""
    async for piece in response.aiter_bytes():
        *whole, rest = (rest + piece).split(b"\n\n")
        for block in whole:
            event = _event_of(block)
            if event is not None:
                yield event
        if len(rest) > LONGEST_EVENT:
            raise ValueError("an event without an end")


def _event_of(block: bytes) -> StreamEvent | None:
    fields: dict[str, str] = {}
    for line in block.decode().split("\n"):
        name, _, value = line.partition(":")
        if name:
            fields[name] = value.removeprefix(" ")
    if not fields.get("data"):
        return None
    data: dict[str, Any] = json.loads(fields["data"])
    return StreamEvent(id=fields.get("id", ""), event=fields.get("event", "message"), data=data)
