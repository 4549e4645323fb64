"""What is read again every morning: an `ETag`, 304 while it is the same, packed for who can read that; and what is left of a
caller's limit."""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest

from gateway.proxy.revalidation import LARGEST, is_known, revalidated
from gateway.routes import ROUTES, RouteTree
from tests.gateway.conftest import RunningGateway, Services

StartGateway = Callable[..., Awaitable[RunningGateway]]
PLAIN = [(b"content-type", b"application/json"), (b"cache-control", b"no-store"), (b"vary", b"Origin")]


async def answered(
    pieces: list[bytes], sent: dict[bytes, bytes], method: str = "GET", status: int = 200
) -> tuple[int, dict[bytes, bytes], bytes]:
    """What becomes of an answer of these pieces."""
    got: list[Any] = []

    async def keep(message: Any) -> None:
        got.append(message)

    send = revalidated({"type": "http", "method": method}, sent, keep)
    size = str(sum(map(len, pieces))).encode()
    headers = [*PLAIN, (b"content-length", size)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    for number, piece in enumerate(pieces, 1):
        more = number < len(pieces)
        await send({"type": "http.response.body", "body": piece, "more_body": more})
    return got[0]["status"], dict(got[0]["headers"]), b"".join(each["body"] for each in got[1:])


async def test_the_same_is_not_sent_twice() -> None:
    body = [b'{"items": ', b"[]}"]
    status, headers, read = await answered(body, {})
    assert (status, read) == (200, b"".join(body))
    assert headers[b"cache-control"] == b"private, no-cache"
    assert headers[b"vary"].startswith(b"Origin, ")
    again = await answered(body, {b"if-none-match": b'"x", ' + headers[b"etag"]})
    assert (again[0], again[2]) == (304, b"")
    assert not again[1].keys() & {b"content-length", b"content-type"}
    changed, _, read = await answered([b'{"items": [1]}'], {b"if-none-match": headers[b"etag"]})
    assert (changed, read) == (200, b'{"items": [1]}')


@pytest.mark.parametrize(
    ("accepted", "packs"),
    [
        (b"gzip", True),
        (b"br, GZIP;q=0.5", True),
        (b"", False),
        (b"br", False),
        (b"gzip;q=0", False),
        (b"gzip;q=0.0, br", False),
    ],
)
async def test_who_reads_packed_gets_it_packed(accepted: bytes, packs: bool) -> None:
    body = b"a" * 5000
    _, headers, read = await answered([body], {b"accept-encoding": accepted})
    assert (headers.get(b"content-encoding") == b"gzip") == packs
    assert (gzip.decompress(read) if packs else read) == body
    plain = await answered([body], {})
    assert headers[b"etag"] == plain[1][b"etag"], "one thing has one tag, packed or not"


async def test_what_is_no_list_passes_as_it_is() -> None:
    packed = {b"accept-encoding": b"gzip"}
    refused = await answered([b"{}" * 2000], packed, status=422)
    assert refused[0] == 422
    assert b"etag" not in refused[1]
    posted = await answered([b"{}" * 2000], packed, method="POST")
    assert b"etag" not in posted[1]
    large = [b"x" * LARGEST, b"y", b"z"]
    status, headers, read = await answered(large, packed)
    assert (status, len(read)) == (200, LARGEST + 2)
    assert b"etag" not in headers
    head = await answered([b""], packed, method="HEAD")
    assert b"content-length" not in head[1]


def test_tags_are_compared_weakly() -> None:
    assert is_known(b'W/"a"', b'"a"')
    assert is_known(b'W/"a"', b'W/"b" , W/"a"')
    assert is_known(b'W/"a"', b"*")
    assert not is_known(b'W/"a"', b"")
    assert not is_known(b'W/"a"', b'"b"')


def test_only_lists_are_known_so() -> None:
    tree = RouteTree(ROUTES)
    kept = ("/api/v1/topics", "/api/v1/organisations", "/api/v1/reference/46", "/openapi.json")
    for path in (*kept, "/api/v1/service-areas/1", "/api/v1/appeals", "/api/v1/topics/proposals"):
        route = tree.find(path)
        assert route is not None
        assert route.revalidates(path) == (path in kept), path


async def test_the_document_of_the_interface_is_read_once(gateway: RunningGateway) -> None:
    first = await gateway.client.get("/openapi.json")
    assert first.headers["content-encoding"] == "gzip"
    again = await gateway.client.get("/openapi.json", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "openapi" in first.json()


async def test_every_answer_says_what_is_left(start_gateway: StartGateway, services: Services) -> None:
    gateway = await start_gateway(open_requests_per_minute=3)
    await services.start("intake")
    answers = [await gateway.client.get("/api/v1/track/x") for _ in range(4)]
    assert [left(each) for each in answers] == [2, 1, 0, 0]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert {each.headers["ratelimit-limit"] for each in answers} == {"3"}
    assert all(0 < int(each.headers["ratelimit-reset"]) <= 60 for each in answers)
    uncounted = await gateway.client.get("/health/live")
    assert "ratelimit-limit" not in uncounted.headers


def left(answer: httpx2.Response) -> int:
    return int(answer.headers["ratelimit-remaining"])
