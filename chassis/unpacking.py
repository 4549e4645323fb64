"""Bodies as endpoints read them: unpacked from gzip, and JSON without the byte order mark some systems write before it.

A packed body is unpacked piece by piece while it is read, so whoever reads it counts and limits what it has become: the
limit of a route is the same for packed bodies as for plain ones, and a bomb costs a piece of memory at a time.
"""

from __future__ import annotations

import asyncio
import codecs
import re
import zlib

from starlette.types import Message, Receive, Scope

from chassis.problems import Problem

PIECE_BYTES = 64 * 1024  # handed on at a time
SLICE_BYTES = 4 * 1024  # given to the decompressor at a time, which copies what it leaves
# Packed bytes that may come without becoming anything: what gzip adds to a body is far less.
SLACK_BYTES = 64 * 1024
GZIP = 16 + zlib.MAX_WBITS  # zlib's number for "with the header and checksum of gzip"
GZIP_BEGINS = b"\x1f\x8b\x08"
_READ_HERE = ([b"gzip"], [b"x-gzip"])
_FRAMING = (b"content-encoding", b"content-length", b"transfer-encoding")
_CHUNKED = (b"transfer-encoding", b"chunked")
# How JSON begins in UTF-16 and UTF-32, with a mark or without: its first two characters are of ASCII. No more is taken for
# it: a batch whose first line is nonsense keeps its other lines.
_OTHER_UNICODE = re.compile(
    rb"\xff\xfe.\0|\xfe\xff\0|\0\0\xfe\xff|[^\0]\0[^\0]\0|\0[^\0]\0[^\0]|[^\0]\0\0\0|\0\0\0[^\0]", re.DOTALL
)
Headers = list[tuple[bytes, bytes]]


class UnknownEncoding(Problem):
    status, slug, title = 415, "unsupported-encoding", "The body is packed in a way that is not read here"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"Accept-Encoding": "gzip"})


class BadGzip(Problem):
    status, slug, title = 400, "bad-gzip", "The body is not whole and valid gzip"


class NotUtf8(Problem):
    status, slug, title = 400, "not-utf-8", "JSON is read in UTF-8 only"


def unpacked(scope: Scope, receive: Receive) -> tuple[Scope, Receive]:
    """The request as if its body had come plain and in chunks; the very same where it is not packed.

    UnknownEncoding for what is not gzip. Reading raises BadGzip for what is none; whoever reads keeps the limit.
    """
    headers: Headers = scope["headers"]
    codings = _codings(headers)
    if not codings or not _has_body(headers):
        return scope, receive
    if codings not in _READ_HERE:
        raise UnknownEncoding("Send the body plain or as gzip.")
    kept = [pair for pair in headers if pair[0] not in _FRAMING]
    return {**scope, "headers": [*kept, _CHUNKED]}, _Unpacking(receive).receive


def unmarked(scope: Scope, receive: Receive) -> Receive:
    """`receive`, so that JSON begins with its first character.

    Reading raises NotUtf8 for UTF-16 and UTF-32, UnknownEncoding for gzip that does not say that it is.
    """
    types = [value.lower() for name, value in scope["headers"] if name == b"content-type"]
    return _Unmarking(receive).receive if all(b"json" in each for each in types) else receive


def _codings(headers: Headers) -> list[bytes]:
    """How the body was packed, in order; `identity` is none."""
    values = [value for name, value in headers if name == b"content-encoding"]
    if not values:
        return []
    named = [word.strip() for word in b",".join(values).lower().split(b",")]
    return [word for word in named if word not in (b"", b"identity")]


def _has_body(headers: Headers) -> bool:
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value.strip(b"0"))
        for name, value in headers
    )


class _Unpacking:
    """One packed body."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._stream = zlib.decompressobj(GZIP)
        self._packed = b""  # come, and from `_at` on not unpacked yet
        self._at = 0
        self._held_back = False  # the decompressor has more without being fed
        self._more = True
        self._taken = self._given = 0  # bytes, packed and unpacked

    async def receive(self) -> Message:
        """The next piece, or whatever else comes from the caller."""
        while not self._has_ended():
            if self._is_unread():
                await asyncio.sleep(0)  # others have their turn between two pieces
            else:
                message = await self._receive()
                if message["type"] != "http.request":
                    return message
                self._take(message)
            piece = self._unpack()
            if piece or self._has_ended():
                return {"type": "http.request", "body": piece, "more_body": not self._has_ended()}
        return await self._receive()

    def _take(self, message: Message) -> None:
        self._packed, self._at = message.get("body", b""), 0
        self._more = message.get("more_body", False)

    def _is_unread(self) -> bool:
        return self._held_back or self._at < len(self._packed)

    def _has_ended(self) -> bool:
        return not (self._more or self._is_unread())

    def _unpack(self) -> bytes:
        """At most PIECE_BYTES more of what has come."""
        piece = bytearray()
        while len(piece) < PIECE_BYTES and self._is_unread():
            piece += self._unpack_slice(PIECE_BYTES - len(piece))
            self._held_back = len(piece) == PIECE_BYTES and not self._stream.eof
            if self._taken > SLACK_BYTES + 2 * (self._given + len(piece)):
                raise BadGzip("It is mostly framing.")
        self._given += len(piece)
        if self._has_ended():
            self._require_whole()
        return bytes(piece)

    def _unpack_slice(self, most: int) -> bytes:
        if self._stream.eof:  # a body may consist of several gzip members
            self._stream = zlib.decompressobj(GZIP)
        fed = self._packed[self._at : self._at + SLICE_BYTES]
        try:
            unpacked = self._stream.decompress(fed, most)
        except zlib.error:
            raise BadGzip("It is damaged, or it is not gzip.") from None
        left = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
        read = len(fed) - len(left)
        self._at += read
        self._taken += read
        return unpacked

    def _require_whole(self) -> None:
        if self._taken and not self._stream.eof:
            raise BadGzip("It ends before it is whole.")


class _Unmarking:
    """One body that may be JSON."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._begun = False

    async def receive(self) -> Message:
        """As it comes, but for the very beginning."""
        message = await self._receive()
        if self._begun:
            return message
        self._begun = True
        start: bytes = message.get("body", b"")
        while len(start) < 4 and message.get("more_body", False):
            message = await self._receive()
            start += message.get("body", b"")
        if message["type"] != "http.request":
            return message
        _require_utf8(start)
        return {**message, "body": start.removeprefix(codecs.BOM_UTF8)}


def _require_utf8(start: bytes) -> None:
    if start.startswith(GZIP_BEGINS):
        raise UnknownEncoding("This is gzip: say so with `Content-Encoding: gzip`.")
    if _OTHER_UNICODE.match(start):
        raise NotUtf8("Send it as UTF-8; a byte order mark of UTF-8 may stand before it.")
