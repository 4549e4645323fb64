"""What a conversation with the server is made of. Conversations are generators of these steps and know nothing of threads or
event loops; here, and nowhere else, stands what sending, reading and waiting are in either."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import httpx2

from otklik_client.calls import Call

R = TypeVar("R")


class Line(Protocol):
    """Whoever takes steps in the caller's thread."""

    @property
    def http(self) -> httpx2.Client: ...

    @property
    def lock(self) -> AbstractContextManager[object]: ...

    def run(self, steps: Steps[R], /) -> R:
        """Have a whole conversation."""


class AsyncLine(Protocol):
    """Whoever takes steps on an event loop."""

    @property
    def http(self) -> httpx2.AsyncClient: ...

    @property
    def lock(self) -> AbstractAsyncContextManager[object]: ...

    async def run(self, steps: Steps[R], /) -> R:
        """Have a whole conversation."""


class Step(Protocol):
    """One thing to do; what it gives is sent back into the conversation, what it raises is raised there."""

    def now(self, line: Line, /) -> object:
        """Do it, and wait until it is done."""

    async def soon(self, line: AsyncLine, /) -> object:
        """Do it, and let others go on meanwhile."""


Steps = Generator[Step, Any, R]


@dataclass(frozen=True)
class Open:
    """Send a request; gives the response with its body unread."""

    call: Call[Any]
    headers: dict[str, str]

    def now(self, line: Line, /) -> httpx2.Response:
        return line.http.send(self._request(line.http), stream=True, follow_redirects=self.call.follows)

    async def soon(self, line: AsyncLine, /) -> httpx2.Response:
        request = self._request(line.http)
        return await line.http.send(request, stream=True, follow_redirects=self.call.follows)

    def _request(self, http: httpx2.Client | httpx2.AsyncClient) -> httpx2.Request:
        call, file = self.call, self.call.file
        return http.build_request(
            call.method,
            call.path,
            params=call.all_query(),
            headers=self.headers,
            content=call.all_content(),
            data=call.form,
            files={"file": (file.name, file.content, file.media_type)} if file else None,
        )


@dataclass(frozen=True)
class ReadAll:
    """Read a body to its end, and give the connection back."""

    response: httpx2.Response

    def now(self, _: Line, /) -> None:
        try:
            self.response.read()
        finally:
            self.response.close()

    async def soon(self, _: AsyncLine, /) -> None:
        try:
            await self.response.aread()
        finally:
            await self.response.aclose()


@dataclass
class Body:
    """A body that is read piece by piece."""

    response: httpx2.Response
    pieces: Iterator[bytes] | None = None
    pieces_soon: AsyncIterator[bytes] | None = None


@dataclass(frozen=True)
class NextPiece:
    """Read on; gives the empty piece at the end."""

    body: Body

    def now(self, _: Line, /) -> bytes:
        self.body.pieces = self.body.pieces or self.body.response.iter_bytes()
        return next(self.body.pieces, b"")

    async def soon(self, _: AsyncLine, /) -> bytes:
        self.body.pieces_soon = self.body.pieces_soon or self.body.response.aiter_bytes()
        return await anext(self.body.pieces_soon, b"")


@dataclass(frozen=True)
class Close:
    """Give the connection back, whatever is still to come."""

    body: Body

    def now(self, _: Line, /) -> None:
        self.body.response.close()

    async def soon(self, _: AsyncLine, /) -> None:
        await self.body.response.aclose()


@dataclass(frozen=True)
class Pause:
    """Do nothing for some seconds."""

    seconds: float

    def now(self, _: Line, /) -> None:
        time.sleep(self.seconds)

    async def soon(self, _: AsyncLine, /) -> None:
        await asyncio.sleep(self.seconds)


@dataclass(frozen=True)
class OneAtATime:
    """Have a conversation that nobody else on this line may have at the same time."""

    steps: Steps[None] = field(repr=False)

    def now(self, line: Line, /) -> None:
        with line.lock:
            line.run(self.steps)

    async def soon(self, line: AsyncLine, /) -> None:
        async with line.lock:
            await line.run(self.steps)
