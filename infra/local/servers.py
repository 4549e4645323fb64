"""What the embedded servers have in common: they are started until they are up."""

import asyncio
from typing import Protocol

from infra.local.child import Child
from infra.local.errors import StartError
from infra.local.probe import until

TRIES = 5
PAUSE_SECONDS = 0.2


class EmbeddedServer(Protocol):
    """A server that is a child of ours."""

    @property
    def child(self) -> Child: ...
    async def prepare_start(self) -> None: ...
    async def is_up(self) -> bool: ...
    async def stop(self) -> None: ...


async def start_until_up(server: EmbeddedServer, title: str, limit: float) -> None:
    """Returns when it is up, within `limit` seconds a try; StartError with its log's end when it never is."""
    child = server.child
    for _ in range(TRIES):
        await server.prepare_start()
        child.start()
        if await until(server.is_up, limit, lambda: not child.running):
            return
        await server.stop()
        await asyncio.sleep(PAUSE_SECONDS)
    raise StartError(f"{title} does not start. The end of {child.log}:\n{child.log_tail()}")
