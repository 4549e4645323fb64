"""A server without sockets, whose clock the test moves."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from uvicorn.server import ServerState

from chassis.http1 import Limits, strict_protocol
from chassis.serve import server_config
from tests.chassis.http1.verdicts import Application, Pipe

GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"


def post(length: int) -> bytes:
    return b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % length


@dataclass
class Server:
    """Connections of one server whose clock the test moves."""

    limits: Limits = field(default_factory=Limits)
    application: Any = field(default_factory=Application)

    def __post_init__(self) -> None:
        self.state = ServerState()
        self.kind = strict_protocol(self.limits)

    def connect(self, pipe: Pipe | None = None) -> tuple[Any, Pipe]:
        config = server_config(self.application, self.limits, lifespan="off", loop="asyncio", http=self.kind)
        config.load()
        loop = asyncio.get_running_loop()
        protocol: Any = self.kind(config=config, server_state=self.state, app_state={}, _loop=loop)
        pipe = pipe or Pipe()
        protocol.connection_made(pipe)
        return protocol, pipe


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def pass_seconds(protocol: Any, seconds: int, data: bytes = b"") -> None:
    """One tick a second, and before each of them one byte of `data`."""
    for second in range(seconds):
        if data:
            protocol.data_received(data[second : second + 1])
        protocol.tick(1.0)
