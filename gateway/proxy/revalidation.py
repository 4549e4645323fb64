"""Lists that are the same for weeks and read again every morning: known by an `ETag`, unchanged 304, and packed."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import re
from collections.abc import Mapping
from typing import Final

from starlette.types import Message, Scope, Send

from gateway.proxy.headers import Headers

LARGEST: Final = 16 * 1024 * 1024  # bytes of a list that is held; a larger one passes as it is
SMALLEST: Final = 1024  # bytes worth packing
_LEVEL: Final = 5
_IN_PLACE: Final = 64 * 1024  # bytes that are packed while everybody waits
_OF_THE_BODY: Final = frozenset({b"content-length", b"content-type", b"content-encoding"})
_REPLACED: Final = frozenset({b"cache-control", b"etag", b"vary"})
_GZIP: Final = re.compile(rb"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|\s*$))")


class Revalidated:
    """The `send` of such a request: what a service answers with 200 is held until it is whole."""

    def __init__(self, send: Send, headers: Mapping[bytes, bytes]) -> None:
        self._send = send
        self._known = headers.get(b"if-none-match", b"")
        self._packs = bool(_GZIP.search(headers.get(b"accept-encoding", b"").lower()))
        self._start: Message | None = None
        self._pieces: list[bytes] = []
        self._size = 0

    async def __call__(self, message: Message) -> None:
        """ASGI."""
        if message["type"] == "http.response.start" and message["status"] == 200:
            self._start = message
        elif self._start is None or message["type"] != "http.response.body":
            await self._send(message)
        else:
            await self._hold(message)

    async def _hold(self, message: Message) -> None:
        self._pieces.append(message.get("body", b""))
        self._size += len(self._pieces[-1])
        more = message.get("more_body", False)
        if more and self._size <= LARGEST:
            return
        assert self._start is not None
        start, self._start, body = self._start, None, b"".join(self._pieces)
        if more:
            await self._send(start)
            await self._send({**message, "body": body})
        else:
            await self._answer(start, body)

    async def _answer(self, start: Message, body: bytes) -> None:
        etag = b'W/"%s"' % hashlib.blake2b(body, digest_size=12).hexdigest().encode()
        kept = [pair for pair in start["headers"] if pair[0].lower() not in _REPLACED]
        kept += [
            (b"etag", etag),
            (b"cache-control", b"private, no-cache"),
            (b"vary", _varies(start["headers"])),
        ]
        if is_known(etag, self._known):
            headers = [pair for pair in kept if pair[0].lower() not in _OF_THE_BODY]
            await self._send({**start, "status": 304, "headers": headers})
            await self._send({"type": "http.response.body", "body": b""})
            return
        if self._packs and len(body) >= SMALLEST:
            body = await _packed(body)
            kept = [pair for pair in kept if pair[0].lower() != b"content-length"]
            kept.append((b"content-encoding", b"gzip"))
        await self._send({**start, "headers": kept})
        await self._send({"type": "http.response.body", "body": body})


def revalidated(scope: Scope, headers: Mapping[bytes, bytes], send: Send) -> Send:
    """For a GET; a HEAD has no length, which depends on packing; `send` itself for whatever else is done there."""
    if scope["method"] == "GET":
        return Revalidated(send, headers)
    return _without_length(send) if scope["method"] == "HEAD" else send


def _without_length(send: Send) -> Send:
    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [pair for pair in message["headers"] if pair[0].lower() != b"content-length"]
            message = {**message, "headers": headers}
        await send(message)

    return send_head


def is_known(etag: bytes, sent: bytes) -> bool:
    """Whether `If-None-Match` names it; weak comparison (RFC 9110 §13.1.2)."""
    tags = {tag.strip().removeprefix(b"W/") for tag in sent.split(b",")}
    return sent.strip() == b"*" or etag.removeprefix(b"W/") in tags


def _varies(headers: Headers) -> bytes:
    named = [value for name, value in headers if name.lower() == b"vary"]
    return b", ".join([*named, b"Accept-Encoding, Authorization"])


async def _packed(body: bytes) -> bytes:
    if len(body) <= _IN_PLACE:
        return gzip.compress(body, _LEVEL, mtime=0)
    return await asyncio.to_thread(gzip.compress, body, _LEVEL, mtime=0)
