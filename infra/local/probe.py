"""Ask a local server whether it is ready."""

import asyncio
import time
from collections.abc import Awaitable, Callable


async def http_get(host: str, port: int, path: str, timeout: float = 5.0) -> tuple[int, bytes]:
    """Status and body; status 0 when nobody answers."""
    return await http_get_at(f"{host}:{port}", path, timeout)


async def http_get_at(address: str, path: str, timeout: float = 5.0) -> tuple[int, bytes]:
    """The same of `unix:PATH` or `HOST:PORT`. HTTP/1.0, so that the body is simply the rest."""
    host = "local" if address.startswith("unix:") else address
    request = f"GET {path} HTTP/1.0\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    try:
        async with asyncio.timeout(timeout):
            reader, writer = await connect_to(address)
            try:
                writer.write(request.encode())
                head, _, body = (await reader.read(-1)).partition(b"\r\n\r\n")
            finally:
                writer.close()
            return int(head.split(b" ", 2)[1]), body
    except (OSError, TimeoutError, ValueError, IndexError):
        return 0, b""


async def connect_to(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to `unix:PATH` or `HOST:PORT`."""
    if address.startswith("unix:"):
        return await asyncio.open_unix_connection(address.removeprefix("unix:"))
    host, _, port = address.rpartition(":")
    return await asyncio.open_connection(host.strip("[]"), int(port))


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
