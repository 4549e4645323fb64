"""What h11 makes of bytes, and what our server makes of them: lists of (method, target, bytes of the body)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import h11
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from chassis.http1 import Limits
from chassis.serve import server_config

Served = tuple[str, bytes, int]


def verdict(data: bytes) -> list[Served]:
    """The whole requests that h11 reads before it closes or meets an error."""
    connection, served, head, size = h11.Connection(h11.SERVER), [], None, 0
    connection.receive_data(data)
    try:
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Request):
                head, size = event, 0
            elif isinstance(event, h11.Data):
                size += len(event.data)
            elif isinstance(event, h11.EndOfMessage):
                assert head is not None
                served.append((head.method.decode(), head.target, size))
                connection.send(h11.Response(status_code=404, headers=[("content-length", "0")]))
                connection.send(h11.EndOfMessage())
                if connection.our_state is h11.MUST_CLOSE:
                    return served
                connection.start_next_cycle()
            else:
                return served
    except h11.RemoteProtocolError:
        return served


class Pipe(asyncio.Transport):
    """A transport that keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.closing = False
        self.reading = True

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 80)}.get(name, default)

    def write(self, data: Any) -> None:
        if not self.closing:
            self.written += data

    def get_write_buffer_size(self) -> int:
        return 0

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        pass

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True

    abort = close

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


class Application:
    """Reads bodies whole (but for paths with `early` in them) and notes what it has served."""

    def __init__(self) -> None:
        self.served: list[Served] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        size, more = 0, b"early" not in scope["raw_path"]
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            size += len(message.get("body", b""))
            more = message.get("more_body", False)
        query = scope["query_string"]
        target = scope["raw_path"] + b"?" + query if query else scope["raw_path"]
        self.served.append((scope["method"], target, size))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


async def met(pieces: Sequence[bytes], limits: Limits = Limits()) -> tuple[list[Served], bytes]:
    """What our server serves of the pieces, and what it writes."""
    application, state, pipe = Application(), ServerState(), Pipe()
    config = server_config(application, limits, lifespan="off", loop="asyncio")
    config.load()
    loop = asyncio.get_running_loop()
    protocol = config.http_protocol_class(config=config, server_state=state, app_state={}, _loop=loop)  # type: ignore[call-arg]
    protocol.connection_made(pipe)
    for piece in pieces:
        if pipe.closing:
            break
        protocol.data_received(piece)
        for _ in range(3):
            await asyncio.sleep(0)
    written = -1
    while (
        len(pipe.written) > written
    ):  # nothing here waits but for the caller: a round without effect is the last
        written = len(pipe.written)
        for _ in range(5):
            await asyncio.sleep(0)
    protocol.connection_lost(None)
    await asyncio.gather(*state.tasks)
    return application.served, bytes(pipe.written)
