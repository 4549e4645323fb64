"""Files are shown to clamd, over its socket and in its own protocol (INSTREAM), piece by piece."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from chassis.serve import split_address

PIECE: Final = 64 * 1024  # bytes
PATIENCE_SECONDS: Final = 30.0
LONGEST_ANSWER: Final = 4096


class ScannerAway(Exception):
    """Nobody says whether a file is clean."""


async def find_virus(address: str, file: Path) -> str | None:
    """What clamd at `unix:/path` or `host:port` calls the virus in a file; None: it is clean. ScannerAway when it does not say."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return _read_verdict(await _ask(address, file))
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:  # TimeoutError is one
        raise ScannerAway(type(error).__name__) from error


async def _ask(address: str, file: Path) -> str:
    reader, writer = await _connect(address)
    try:
        writer.write(b"zINSTREAM\0")
        with file.open("rb") as source:
            while piece := await asyncio.to_thread(source.read, PIECE):
                writer.write(len(piece).to_bytes(4, "big") + piece)
                await writer.drain()
        writer.write(bytes(4))
        await writer.drain()
        return (await reader.readuntil(b"\0")).rstrip(b"\0").decode("utf-8", "replace")
    finally:
        writer.close()


async def _connect(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    path = address.removeprefix("unix:")
    if path != address:
        return await asyncio.open_unix_connection(path, limit=LONGEST_ANSWER)
    host, port = split_address(address)
    return await asyncio.open_connection(host, port, limit=LONGEST_ANSWER)


def _read_verdict(answer: str) -> str | None:
    """`stream: OK`, `stream: Eicar-Signature FOUND`, or an error such as `INSTREAM size limit exceeded. ERROR`."""
    words = answer.removeprefix("stream: ")
    if words == "OK":
        return None
    if words.endswith(" FOUND"):
        return words.removesuffix(" FOUND")
    raise ScannerAway(words[:100])
