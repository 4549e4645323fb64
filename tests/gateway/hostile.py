"""Callers that mean harm: `python -m tests.gateway.hostile PORT COUNT SECONDS`; prints what became of them as JSON."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine

Call = Callable[[asyncio.StreamWriter], Coroutine[None, None, None]]
OPEN = b"/api/v1/track/x"


def post(path: bytes, length: int, *headers: bytes) -> bytes:
    lines = [b"POST %s HTTP/1.1" % path, b"Host: x", b"Content-Length: %d" % length, *headers, b"", b""]
    return b"\r\n".join(lines)


async def dribble(writer: asyncio.StreamWriter, data: bytes) -> None:
    for at in range(len(data)):
        writer.write(data[at : at + 1])
        await writer.drain()
        await asyncio.sleep(1)


async def slow_head(writer: asyncio.StreamWriter) -> None:
    await dribble(writer, post(OPEN, 0, *[b"X: y"] * 1000))


async def huge_head(writer: asyncio.StreamWriter) -> None:
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 63_000)


async def endless_head(writer: asyncio.StreamWriter) -> None:
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n")
    while True:
        writer.write(b"X: " + b"a" * 8000 + b"\r\n")
        await writer.drain()


async def silent(writer: asyncio.StreamWriter) -> None:
    del writer


async def stalled_small_body(writer: asyncio.StreamWriter) -> None:
    writer.write(post(OPEN, 64_000) + b"x" * 63_000)


async def trickled_small_body(writer: asyncio.StreamWriter) -> None:
    writer.write(post(OPEN, 600))
    await dribble(writer, b"x" * 600)


async def stalled_large_body(writer: asyncio.StreamWriter) -> None:
    writer.write(post(OPEN, 120_000) + b"x" * 100)


async def trickled_chunks(writer: asyncio.StreamWriter) -> None:
    writer.write(b"POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" % OPEN)
    for _ in range(1000):
        writer.write(b"1\r\nx\r\n")
        await writer.drain()
        await asyncio.sleep(1)


async def without_a_token(writer: asyncio.StreamWriter) -> None:
    writer.write(post(b"/api/v1/appeals", 60_000))
    await dribble(writer, b"x" * 60_000)


async def many_ahead(writer: asyncio.StreamWriter) -> None:
    writer.write(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n" * 1500)


KINDS: tuple[Call, ...] = (
    slow_head,
    huge_head,
    endless_head,
    silent,
    stalled_small_body,
    trickled_small_body,
    stalled_large_body,
    trickled_chunks,
    without_a_token,
    many_ahead,
)


async def live(kind: Call, port: int, until: float, ages: dict[str, list[float]]) -> None:
    """Call again and again; notes how long the server bore each call."""
    while time.monotonic() < until:
        began = time.monotonic()
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            calling = asyncio.create_task(kind(writer))
            with contextlib.suppress(ConnectionError, TimeoutError):
                async with asyncio.timeout(until - time.monotonic()):
                    while await reader.read(65536):
                        pass
                ages[kind.__name__].append(time.monotonic() - began)
            calling.cancel()
            await asyncio.gather(calling, return_exceptions=True)
            writer.close()
        await asyncio.sleep(1)


async def main(port: int, count: int, seconds: float) -> None:
    ages: dict[str, list[float]] = defaultdict(list)
    until = time.monotonic() + seconds
    callers = [live(KINDS[number % len(KINDS)], port, until, ages) for number in range(count)]
    await asyncio.gather(*callers, return_exceptions=True)
    report = {name: {"ended": len(found), "oldest": round(max(found), 1)} for name, found in ages.items()}
    print(json.dumps(report))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
