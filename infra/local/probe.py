"""Ask a local server whether it is ready."""

import asyncio
import time
from collections.abc import Awaitable, Callable


async def http_get(host: str, port: int, path: str, timeout: float = 5.0) -> tuple[int, bytes]:
    """Status and body; status 0 when nobody answers. HTTP/1.0, so that the body is simply the rest."""
    request = f"GET {path} HTTP/1.0\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
    try:
        async with asyncio.timeout(timeout):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(request.encode())
                head, _, body = (await reader.read(-1)).partition(b"\r\n\r\n")
            finally:
                writer.close()
            return int(head.split(b" ", 2)[1]), body
    except (OSError, TimeoutError, ValueError, IndexError):
        return 0, b""


async def until(
    condition: Callable[[], Awaitable[bool]], seconds: float, give_up: Callable[[], bool], pause: float = 0.01
) -> bool:
    """Ask again and again until it holds; False when time is over or there is nothing left to wait for."""
    deadline = time.monotonic() + seconds
    while not await condition():
        if give_up() or time.monotonic() > deadline:
            return False
        await asyncio.sleep(pause)
    return True
