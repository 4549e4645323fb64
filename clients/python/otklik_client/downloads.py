"""Files that are answers: attachments, exports, reports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import cast

from otklik_client.calls import Call
from otklik_client.exchange import Exchange
from otklik_client.line import AsyncLine, Line
from otklik_client.steps import Body, NextPiece, Steps


class Download:
    """A file, asked for when it is read. Iterate over it for its pieces, which takes no memory; `read` begins again where a line
    breaks.

    >>> otklik.attachments.get_attachment(attachment_id).save("photo.jpg")
    """

    def __init__(self, line: Line, call: Call[bytes]) -> None:
        self._line = line
        self._call = replace(call, follows=True)

    def read(self) -> bytes:
        """All of it, in memory."""
        return self._line.run(_read(self._line.exchange, self._call))

    def save(self, path: Path | str) -> Path:
        """All of it on a disk, or nothing; OSError when it cannot be written."""
        half = Path(f"{path}.part")
        try:
            with half.open("wb") as file:
                file.writelines(self)
            return half.replace(path)
        finally:
            half.unlink(missing_ok=True)

    def __iter__(self) -> Iterator[bytes]:
        body = self._line.run(_open(self._line.exchange, self._call))
        with closing(body.response):
            while piece := self._line.run(_next(self._line.exchange, body)):
                yield piece


class AsyncDownload:
    """A file, asked for when it is read. Iterate over it for its pieces, which takes no memory; `read` begins again where a line
    breaks.

    >>> content = await otklik.attachments.get_attachment(attachment_id).read()
    """

    def __init__(self, line: AsyncLine, call: Call[bytes]) -> None:
        self._line = line
        self._call = replace(call, follows=True)

    async def read(self) -> bytes:
        """All of it, in memory."""
        return await self._line.run(_read(self._line.exchange, self._call))

    async def save(self, path: Path | str) -> Path:
        """All of it on a disk, or nothing; OSError when it cannot be written. The disk is waited for in a thread."""
        half = Path(f"{path}.part")
        try:
            with await asyncio.to_thread(half.open, "wb") as file:
                async for piece in self:
                    await asyncio.to_thread(file.write, piece)
            return await asyncio.to_thread(half.replace, path)
        finally:
            half.unlink(missing_ok=True)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        body = await self._line.run(_open(self._line.exchange, self._call))
        try:
            while piece := await self._line.run(_next(self._line.exchange, body)):
                yield piece
        finally:
            await body.response.aclose()


def _read(exchange: Exchange, call: Call[bytes]) -> Steps[bytes]:
    response = yield from exchange.answer(call)
    return response.content


def _open(exchange: Exchange, call: Call[bytes]) -> Steps[Body]:
    """The first piece is still to come; until then it is tried again."""
    return Body((yield from exchange.answer(call, whole=False)))


def _next(exchange: Exchange, body: Body) -> Steps[bytes]:
    with exchange.reporting_loss():
        return cast("bytes", (yield NextPiece(body)))
