"""A stand-in for clamd: speaks INSTREAM as it does, and knows one virus."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

VIRUS = b"X5O!P%@AP-TEST-VIRUS"
STREAM_MAX_LENGTH = 25 * 1024 * 1024


@asynccontextmanager
async def clamd(path: Path, seen: list[int]) -> AsyncIterator[str]:
    """Its address; `seen`: the bytes of every stream that came."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
        content = bytearray()
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            content += await reader.readexactly(size)
            if len(content) > STREAM_MAX_LENGTH:
                writer.write(b"INSTREAM size limit exceeded. ERROR\0")
                break
        else:
            seen.append(len(content))
            writer.write(b"stream: Test-Virus FOUND\0" if VIRUS in content else b"stream: OK\0")
        await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(answer, path)
    async with server:
        yield f"unix:{path}"
