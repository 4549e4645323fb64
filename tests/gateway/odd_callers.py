"""Callers of the gateway as bytes: odd ones, and a victim that must get its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from tests.chassis.http1.mutations import Mutation
from tests.chassis.http1.requests import CASES, Case

OPEN = b"/api/v1/track/"
PATIENCE, SILENCE = 2.0, 0.5


class Victim:
    """A well-behaved caller with a connection of its own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.posts = 0

    async def posts_ten(self) -> None:
        """Ten requests, each answered with its own body."""
        for _ in range(10):
            self.posts += 1
            body = b"mine %d" % self.posts
            self.writer.write(
                b"POST %svictim HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (OPEN, len(body), body)
            )
            async with asyncio.timeout(10):
                head = await self.reader.readuntil(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 200"), head + await self.reader.read(300)
                assert b"content-length: %d\r\n" % len(body) in head
                assert await self.reader.readexactly(len(body)) == body


@contextlib.asynccontextmanager
async def calling(port: int) -> AsyncIterator[Victim]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Victim(reader, writer)
    finally:
        writer.close()


async def send(port: int, case: Case, bytewise: bool) -> bytes:
    """Write the pieces; everything the gateway answers until it closes or falls silent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = b""
    with contextlib.suppress(ConnectionError):
        for piece in case.pieces:
            for part in [piece[at : at + 1] for at in range(len(piece))] if bytewise else [piece]:
                writer.write(part)
                await writer.drain()
            if len(case.pieces) > 1:
                answer += await read_some(reader)
        if case.half_close:
            writer.write_eof()
        answer += await read_some(reader)
    writer.close()
    return answer


async def read_some(reader: asyncio.StreamReader) -> bytes:
    answer = b""
    with contextlib.suppress(TimeoutError):
        while True:
            async with asyncio.timeout(SILENCE if answer else PATIENCE):
                got = await reader.read(65536)
            if not got:
                return answer
            answer += got
    return answer


def mutated_case(mutation: Mutation, path: bytes) -> Case:
    case = mutation.random.choice(CASES).on(OPEN + path, OPEN + b"next", OPEN + b"evil")
    return Case(case.name, (mutation.of(b"".join(case.pieces)),), half_close=True)
