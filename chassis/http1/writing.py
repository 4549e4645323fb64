"""Writing answers: a head and the beginning of its body go out together."""

from __future__ import annotations

import asyncio

HEAD_BEGINS = b"HTTP/1.1 "
EVENTS = b"\r\ncontent-type: text/event-stream"


class AnswerWriter:
    """A transport as uvicorn's cycle uses it. Each write wakes the reader, and most answers are a head and one piece.

    A head waits for what is written next, but not beyond this turn of the event loop.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""
        self._ended = False
        self.is_stream = False  # the last answer begun is a stream of events

    def write(self, data: bytes) -> None:
        """Write, or keep a head for a moment."""
        if self._ended:
            return
        if self._head:
            data, self._head = self._head + data, b""
            self._transport.write(data)
        elif data.startswith(HEAD_BEGINS):
            self._head = data
            self.is_stream = EVENTS in data
            self._loop.call_soon(self.flush)
        else:
            self._transport.write(data)

    def flush(self) -> None:
        """Write what is kept."""
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)

    def close(self) -> None:
        """Close after everything has been written."""
        self.flush()
        self._transport.close()

    def end_stream(self, last: bytes) -> None:
        """End a stream of events with this piece, and close; whatever else is written later is dropped."""
        self.flush()
        self._transport.write(last)
        self._ended = True
        self._transport.close()

    def end(self, answer: bytes) -> None:
        """Write a last whole answer; whatever else is written later is dropped."""
        self.flush()
        self._ended = True
        self._transport.write(answer)
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def is_closing(self) -> bool:
        """Whether nothing more is written."""
        return self._ended or self._transport.is_closing()
