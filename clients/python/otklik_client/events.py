"""The live stream (WHATWG HTML, "Server-sent events", as far as ours uses the format): followed for ever, over lines that
break."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from otklik_client.calls import Call
from otklik_client.errors import OtklikError
from otklik_client.exchange import Exchange
from otklik_client.line import AsyncLine, Line
from otklik_client.models.base import JsonObject
from otklik_client.steps import Body, Close, NextPiece, Pause, Steps

LONGEST_EVENT: Final = 1024 * 1024


@dataclass(frozen=True)
class StreamEvent:
    """Something that happened. Keep the `id` when it is dealt with: with that the stream goes on behind it."""

    id: str
    event: str
    data: JsonObject


class EventReader:
    """Makes whole events of pieces of a stream; what breaks off in the middle is dropped, comments are nothing."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, piece: bytes) -> list[StreamEvent]:
        """The events that this piece ends. ValueError for an event without an end."""
        *whole, self._rest = (self._rest + piece).split(b"\n\n")
        if len(self._rest) > LONGEST_EVENT:
            raise ValueError("an event without an end")
        return [event for block in whole if (event := _event_of(block)) is not None]


class Listening:
    """Follows the stream; a line that breaks off is taken up again where it was, so that nothing is missed or comes twice."""

    def __init__(self, exchange: Exchange, call: Call[bytes]) -> None:
        self._exchange = exchange
        self._call = call
        self._backoff = exchange.backoff()
        self._ready: deque[StreamEvent] = deque()
        self._body: Body | None = None
        self._reader = EventReader()

    def next_event(self) -> Steps[StreamEvent]:
        """The next one, whenever it happens. NotReachable when nobody answers for so long that the patience is over."""
        while not self._ready:
            pause: float | None
            try:
                pause = yield from self._read_on()
            except OtklikError as error:
                yield from self.leave()
                pause = self._exchange.pause_after(error, self._call, self._backoff)
                if pause is None:
                    raise
            if pause:
                yield Pause(pause)
        event = self._ready.popleft()
        self._call = replace(self._call, last_event_id=event.id)
        return event

    def leave(self) -> Steps[None]:
        """Give the connection back."""
        body, self._body = self._body, None
        if body is not None:
            yield Close(body)

    def _read_on(self) -> Steps[float]:
        """Read a piece; seconds to wait when the server has ended the stream: it begins anew, or the token was old."""
        if self._body is None:
            self._body = Body((yield from self._exchange.opened(self._call, self._backoff)))
            self._reader = EventReader()
            self._backoff.reset()
        with self._exchange.reporting_loss():
            piece: bytes = yield NextPiece(self._body)
        if piece:
            self._ready.extend(self._reader.feed(piece))
            return 0.0
        yield from self.leave()
        return self._backoff.next_pause() or 0.0


class Events:
    """What happens as it happens, for ever.

    >>> for event in otklik.analytics.listen(region="46", last_event_id=kept): ...
    """

    def __init__(self, line: Line, call: Call[bytes]) -> None:
        self._line = line
        self._call = call

    def __iter__(self) -> Iterator[StreamEvent]:
        listening = Listening(self._line.exchange, self._call)
        try:
            while True:
                yield self._line.run(listening.next_event())
        finally:
            self._line.run(listening.leave())


class AsyncEvents:
    """What happens as it happens, for ever.

    >>> async for event in otklik.analytics.listen(region="46", last_event_id=kept): ...
    """

    def __init__(self, line: AsyncLine, call: Call[bytes]) -> None:
        self._line = line
        self._call = call

    async def __aiter__(self) -> AsyncIterator[StreamEvent]:
        listening = Listening(self._line.exchange, self._call)
        try:
            while True:
                yield await self._line.run(listening.next_event())
        finally:
            await self._line.run(listening.leave())


def _event_of(block: bytes) -> StreamEvent | None:
    fields: dict[str, str] = {}
    for line in block.decode().split("\n"):
        name, _, value = line.partition(":")
        if name:
            fields[name] = value.removeprefix(" ")
    if not fields.get("data"):
        return None
    data: dict[str, Any] = json.loads(fields["data"])
    return StreamEvent(fields.get("id", ""), fields.get("event", "message"), data)
