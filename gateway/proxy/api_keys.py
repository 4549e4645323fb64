"""Finding `api_key` in a request: in the query, which goes on without it, or in a form, which is read whole for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus

from starlette.types import Message, Receive, Scope

from gateway.proxy.bodies import BodyBudget, read_body, require_room
from gateway.proxy.requests import read_length

_NAME: Final = b"api_key"
_FORM: Final = b"application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request as it goes on, and the key it came with, if any."""

    key: str | None
    scope: Scope
    receive: Receive


async def find_api_key(
    scope: Scope, receive: Receive, headers: Mapping[bytes, bytes], most: int, budget: BodyBudget
) -> KeyedRequest:
    """The key of a request. 413 for a form of more than `most` bytes, Overloaded where `budget` is used up."""
    key, query = take_key(scope["query_string"])
    if key is not None:
        return KeyedRequest(key, {**scope, "query_string": query}, receive)
    if not reads_form(scope, headers):
        return KeyedRequest(None, scope, receive)
    require_room(read_length(headers.get(b"content-length", b"0")), most)
    body = await read_body(receive, most, budget)
    return KeyedRequest(take_key(body)[0], scope, repeated(body, receive))


def reads_form(scope: Scope, headers: Mapping[bytes, bytes]) -> bool:
    """Whether a body has to be read to find a key."""
    return (
        scope["method"] == "POST" and _is_plain_form(headers) and take_key(scope["query_string"])[0] is None
    )


def _is_plain_form(headers: Mapping[bytes, bytes]) -> bool:
    media_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    return media_type == _FORM and b"content-encoding" not in headers


def take_key(pairs: bytes) -> tuple[str | None, bytes]:
    """The first key among `name=value` pairs, and the pairs without any."""
    parts = pairs.split(b"&")
    others = [part for part in parts if part.partition(b"=")[0] != _NAME]
    if len(others) == len(parts):
        return None, pairs
    written = next(part for part in parts if part.partition(b"=")[0] == _NAME).partition(b"=")[2]
    return unquote_plus(written.decode("latin-1"), errors="replace").strip() or None, b"&".join(others)


def repeated(body: bytes, receive: Receive) -> Receive:
    """`receive` as if `body` were still to come."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def read() -> Message:
        return waiting.pop() if waiting else await receive()

    return read
