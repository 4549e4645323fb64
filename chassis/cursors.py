"""Opaque keyset cursors: signed, bound to their list, so that a cursor we did not issue is a 400."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Query

from chassis.problems import BadCursor

T = TypeVar("T")
_TAG_BYTES = 9
Limit = Annotated[int, Query(ge=1, le=1000, description="How many items at most.")]
Cursor = Annotated[
    str, Query(max_length=2000, description="`next_cursor` of the previous page; empty: from the start.")
]


class Cursors:
    """Encodes and checks cursors with the installation's key."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def encode(self, kind: str, *values: Any) -> str:
        """A URL-safe cursor of one list (`kind`) holding the last row's sort values."""
        body = orjson.dumps(values)
        return base64.urlsafe_b64encode(self._tag(kind, body) + body).decode().rstrip("=")

    def decode(self, kind: str, cursor: str) -> list[Any] | None:
        """The values, or None for an empty cursor; 400 for a foreign one."""
        if not cursor:
            return None
        try:
            raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        except (ValueError, UnicodeEncodeError):
            raise BadCursor from None
        tag, body = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
        if not hmac.compare_digest(tag, self._tag(kind, body)):
            raise BadCursor
        values: list[Any] = orjson.loads(body)
        return values

    def cut(
        self, kind: str, items: Sequence[T], name: Callable[[T], str], cursor: str, limit: int
    ) -> tuple[Sequence[T], str | None]:
        """A page of a list that is read whole because it is short, and the next cursor if there is more.

        A cursor names the last item sent, by `name` and by which of that name it was; where that is gone, the list
        begins again.
        """
        names = [name(item) for item in items]
        start = 0
        if last := self.decode(kind, cursor):
            places = [place for place, found in enumerate(names) if found == last[0]]
            start = places[last[1]] + 1 if last[1] < len(places) else 0
        end = start + limit
        if end >= len(items):
            return items[start:], None
        return items[start:end], self.encode(kind, names[end - 1], names[: end - 1].count(names[end - 1]))

    def _tag(self, kind: str, body: bytes) -> bytes:
        return hmac.new(self._key, kind.encode() + b"\0" + body, hashlib.sha256).digest()[:_TAG_BYTES]
