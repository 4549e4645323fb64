"""Asking a network something: within its time, and no longer an answer than anyone can mean."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

import httpx2

from chassis.json_text import read_others_json

TIMEOUT_SECONDS: Final = 15.0
MOST_BYTES: Final = 4 * 1024 * 1024


class NetworkAway(Exception):
    """The network does not answer, or refuses; says which code, and nothing that was sent."""


async def ask(
    http: httpx2.AsyncClient,
    method: str,
    url: str,
    *,
    form: Mapping[str, str] | None = None,
    body: object = None,
    headers: Mapping[str, str] | None = None,
) -> object:
    """The JSON that a network answers. NetworkAway without one, after 15 seconds, and past 4 MiB, which are not read on."""
    request = http.build_request(method, url, data=form, json=body, headers=headers, timeout=TIMEOUT_SECONDS)
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            answer = await http.send(request, stream=True)
            try:
                return read_others_json(await _read(answer))
            finally:
                await answer.aclose()
    except (httpx2.HTTPError, OSError, ValueError) as error:
        raise NetworkAway(type(error).__name__) from None


async def _read(answer: httpx2.Response) -> bytes:
    if answer.status_code != 200:
        raise NetworkAway(f"status {answer.status_code}")
    read = bytearray()
    async for piece in answer.aiter_bytes():
        read += piece
        if len(read) > MOST_BYTES:
            raise NetworkAway("too long an answer")
    return bytes(read)
