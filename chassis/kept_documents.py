"""Documents that are the same for everybody: made once for so many seconds, however many ask, and known by an `ETag`."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from chassis.kept_answers import KeptAnswers

MOST_KEPT: Final = 1_000


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """JSON and its `ETag`."""

    body: bytes
    etag: str

    def answer(self, known: str, seconds: int) -> Response:
        """The document; 304 to who has it already (`known`: what came as `If-None-Match`)."""
        headers = {"Cache-Control": f"public, max-age={seconds}", "ETag": self.etag}
        tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
        if self.etag in tags or "*" in tags:
            return Response(status_code=304, headers=headers)
        return Response(self.body, media_type="application/json", headers=headers)


class KeptDocuments:
    """Of one process, by key."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        self._kept = KeptAnswers(MOST_KEPT, seconds)
        self._making: dict[Hashable, asyncio.Task[KeptDocument]] = {}

    async def find(self, key: Hashable, make: Callable[[], Awaitable[bytes]]) -> KeptDocument:
        """The kept one, or a new one: whoever asks while it is made waits for the same. What cannot be made is not kept."""
        kept = self._kept.find(key, KeptDocument)
        if kept is not None:
            return kept
        making = self._making.get(key)
        if making is None:
            making = asyncio.create_task(self._make(key, make))
            self._making[key] = making
            making.add_done_callback(lambda done: self._on_made(key, done))
        return await asyncio.shield(making)  # who leaves does not take it from the others

    async def _make(self, key: Hashable, make: Callable[[], Awaitable[bytes]]) -> KeptDocument:
        body = await make()
        etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        made = KeptDocument(body, etag)
        self._kept.keep(key, made)
        return made

    def _on_made(self, key: Hashable, done: asyncio.Task[KeptDocument]) -> None:
        del self._making[key]
        if not done.cancelled():
            done.exception()  # seen, also where nobody waits for it any more
