"""Bodies as endpoints read them: packed or plain, with a byte order mark or without, in pieces of any size."""

from __future__ import annotations

import asyncio
import codecs
import gzip
import os
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Iterable

import httpx2
import pytest
from fastapi import Request
from fastapi.responses import Response
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from starlette.types import Message, Receive

from chassis.fast_path import App
from chassis.problems import install_problem_handlers
from chassis.unpacking import PIECE_BYTES, BadGzip, NotUtf8, UnknownEncoding, unmarked, unpacked

MIB = 1024 * 1024
TEXT = '{"text": "Яма на дороге"}\n'.encode() * 3000
MARK = codecs.BOM_UTF8


def sender(pieces: Iterable[bytes]) -> Receive:
    """A caller that sends so many pieces and then hangs up."""
    waiting = [*pieces]

    async def receive() -> Message:
        if not waiting:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    return receive


def scope_of(*headers: tuple[bytes, bytes]) -> dict[str, object]:
    return {"type": "http", "method": "POST", "path": "/", "headers": [(b"host", b"x"), *headers]}


async def read(receive: Receive, most: int = 100 * MIB) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        assert message["type"] == "http.request"
        assert len(message["body"]) <= PIECE_BYTES
        body += message["body"]
        more = message["more_body"]
        if len(body) > most:
            break
    return body


async def unpack(pieces: Iterable[bytes], coding: bytes = b"gzip") -> bytes:
    scope = scope_of((b"content-encoding", coding), (b"transfer-encoding", b"chunked"))
    _, receive = unpacked(scope, sender(pieces))
    body = await read(receive)
    assert (await receive())["type"] == "http.disconnect", "a caller that hangs up is heard"
    return body


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)] or [b""]


@given(parts=st.lists(st.binary(max_size=300), max_size=4), size=st.integers(1, 400), level=st.integers(0, 9))
def test_members_in_pieces_of_any_size_are_one_body(parts: list[bytes], size: int, level: int) -> None:
    sent = b"".join(gzip.compress(part * 50, level) for part in parts)
    assert asyncio.run(unpack(cut(sent, size))) == b"".join(part * 50 for part in parts)


@pytest.mark.parametrize(
    "coding", [b"gzip", b"x-gzip", b"GZIP", b"gzip, identity", b" identity ,gzip", b",gzip"]
)
async def test_gzip_has_several_names(coding: bytes) -> None:
    noise = os.urandom(300_000)
    assert await unpack(cut(gzip.compress(noise), 70_000), coding) == noise


async def test_a_plain_body_is_not_touched() -> None:
    receive = sender([b"x"])
    length = (b"content-length", b"1")
    for headers in ([length], [length, (b"content-encoding", b"identity")], [(b"content-encoding", b"br")]):
        scope = scope_of(*headers)
        assert unpacked(scope, receive) == (scope, receive)


@pytest.mark.parametrize("coding", [b"deflate", b"br", b"zstd", b"gzip, gzip", b"*"])
async def test_what_is_not_read_is_refused_and_what_is_named(coding: bytes) -> None:
    with pytest.raises(UnknownEncoding) as refused:
        unpacked(scope_of((b"content-length", b"9"), (b"content-encoding", coding)), sender([b"x" * 9]))
    assert refused.value.headers == {"Accept-Encoding": "gzip"}
    twice = scope_of(
        (b"content-length", b"9"), (b"content-encoding", b"gzip"), (b"content-encoding", b"gzip")
    )
    with pytest.raises(UnknownEncoding):
        unpacked(twice, sender([]))


WHOLE = gzip.compress(TEXT)
DAMAGED = {
    "no gzip": b'{"text": "plain"}',
    "cut": WHOLE[:-1],
    "head only": WHOLE[:5],
    "wrong sum": WHOLE[:-8] + bytes(4) + WHOLE[-4:],
    "wrong length": WHOLE[:-4] + bytes(4),
    "broken": WHOLE[:40] + bytes(20) + WHOLE[60:],
    "something behind": WHOLE + b"x",
    "half a member behind": WHOLE + WHOLE[:100],
    "zlib": zlib.compress(TEXT),
    "only framing": gzip.compress(b"") * 20_000,
}


@pytest.mark.parametrize("size", [11, 50_000])
@pytest.mark.parametrize("body", DAMAGED.values(), ids=DAMAGED.keys())
async def test_what_is_no_whole_gzip_is_refused(body: bytes, size: int) -> None:
    with pytest.raises(BadGzip):
        await unpack(cut(body, size))


async def test_a_bomb_costs_a_piece_of_memory_and_lets_others_have_their_turn() -> None:
    bomb = gzip.compress(b"\0" * (64 * MIB), 9)
    _, receive = unpacked(
        scope_of((b"content-length", b"%d" % len(bomb)), (b"content-encoding", b"gzip")), sender([bomb])
    )
    turns = 0

    async def watch() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    watching = asyncio.create_task(watch())
    tracemalloc.start()
    try:
        await read(receive, most=MIB)
        assert tracemalloc.get_traced_memory()[1] < 3 * MIB
    finally:
        tracemalloc.stop()
        watching.cancel()
    assert turns >= MIB // PIECE_BYTES - 2


class Note(BaseModel):
    text: str


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    """An application with one endpoint on both ways; each answers with the text it has read."""
    app = App(fast_paths={}, most_bytes=MIB, max_body_size=MIB)
    install_problem_handlers(app)

    async def hot(request: Request) -> Response:
        return Response(Note.model_validate_json(await request.body()).text)

    @app.post("/framework")
    async def framework(note: Note) -> Response:
        return Response(note.text)

    app = App(fast_paths={("POST", "/hot"): hot}, most_bytes=MIB, routes=app.routes)
    install_problem_handlers(app)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as made:
        yield made


async def test_every_endpoint_reads_packed_and_marked_json(client: httpx2.AsyncClient) -> None:
    plain = '{"text": "Ямы"}'.encode()
    for path in ("/hot", "/framework"):
        for body, coding in (
            (plain, "identity"),
            (MARK + plain, "identity"),
            (gzip.compress(plain), "gzip"),
            (gzip.compress(MARK + plain), "gzip"),
        ):
            headers = {"Content-Type": "application/json", "Content-Encoding": coding}
            answer = await client.post(path, content=body, headers=headers)
            assert (answer.status_code, answer.text) == (200, "Ямы"), (path, coding)
        for body, coding, status, slug in (
            (plain, "br", 415, "unsupported-encoding"),
            (gzip.compress(plain), "identity", 415, "unsupported-encoding"),
            (plain, "gzip", 400, "bad-gzip"),
            (gzip.compress(plain)[:-3], "gzip", 400, "bad-gzip"),
            (plain.decode().encode("utf-16"), "identity", 400, "not-utf-8"),
            (plain.decode().encode("utf-16-be"), "identity", 400, "not-utf-8"),
            (plain.decode().encode("utf-32"), "identity", 400, "not-utf-8"),
            (gzip.compress(plain.decode().encode("utf-16-le")), "gzip", 400, "not-utf-8"),
        ):
            headers = {"Content-Type": "application/json", "Content-Encoding": coding}
            answer = await client.post(path, content=body, headers=headers)
            assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}"), (path, body)
            assert answer.headers["content-type"] == "application/problem+json"


async def test_a_mark_is_found_in_pieces_and_in_json_only() -> None:
    async def without_mark(kind: bytes, pieces: Iterable[bytes]) -> bytes:
        return await read(unmarked(scope_of((b"content-type", kind)), sender(pieces)))

    for body in (b"", b"{}", b"[1, 2]", "Ямы".encode()):
        for size in (1, 2, 3, 4, 100):
            assert await without_mark(b"application/x-ndjson", cut(MARK + body, size)) == body
            assert await without_mark(b"application/json; charset=utf-8", cut(body, size)) == body
    assert await without_mark(b"text/plain", [MARK + b"x"]) == MARK + b"x"
    with pytest.raises(NotUtf8):
        await without_mark(b"application/json", cut('{"a": 1}'.encode("utf-16"), 1))
