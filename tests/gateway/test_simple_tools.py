"""Callers as simple tools are: they close their half after asking, and write letters as they are."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.gateway.conftest import ADMIN, RunningGateway

MIB = 1024 * 1024


async def call(gateway: RunningGateway, sent: bytes, *, read_late: bool = False) -> bytes:
    """Everything that is answered to who sends this and then sends no more."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(gateway.url.rpartition(":")[2]))
    if read_late:
        reader._transport.pause_reading()  # type: ignore[attr-defined]
    writer.write(sent)
    writer.write_eof()
    await writer.drain()
    if read_late:
        reader._transport.resume_reading()  # type: ignore[attr-defined]
    async with asyncio.timeout(20):
        answer = await reader.read(-1)
    writer.close()
    return answer


def request(method: str, path: str, body: bytes = b"", *lines: str, version: str = "1.1") -> bytes:
    head = [f"{method} {path} HTTP/{version}", "Host: x", f"Content-Length: {len(body)}", *lines, "", ""]
    return "\r\n".join(head).encode() + body


async def test_who_closes_its_half_is_answered(gateway: RunningGateway) -> None:
    bearer = f"Authorization: Bearer {await gateway.token(ADMIN)}"
    for asked in (
        request("GET", "/api/v1/track/x"),
        request("GET", "/health/ready"),
        request("GET", "/api/v1/clients", b"", bearer),
        request("POST", "/api/v1/appeals", b"{}", bearer),
        request("POST", "/api/v1/appeals", b"x" * 200_000, bearer),
        request("POST", "/api/v1/track/x/rating", b"{}", version="1.0"),
    ):
        answer = await call(gateway, asked)
        assert answer.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 201 ")), (asked[:60], answer[:200])
        assert answer.count(b"HTTP/1.1 ") == 1


async def test_all_that_was_asked_ahead_is_answered_in_order(gateway: RunningGateway) -> None:
    bearer = f"Authorization: Bearer {await gateway.token(ADMIN)}"
    sizes = [3, 0, 70_000, 1, 12]
    answer = await call(
        gateway, b"".join(request("POST", "/api/v1/appeals", b"x" * size, bearer) for size in sizes)
    )
    told = [json.loads(part.rpartition(b"\r\n\r\n")[2])["size"] for part in answer.split(b"HTTP/1.1 ")[1:]]
    assert told == sizes


@pytest.mark.parametrize("read_late", [False, True])
async def test_a_batch_is_answered_to_the_end(gateway: RunningGateway, read_late: bool) -> None:
    bearer = f"Authorization: Bearer {await gateway.token(ADMIN)}"
    body = b'{"text": "x"}\n' * (4 * MIB // 14)
    answer = await call(gateway, request("POST", "/api/v1/appeals/batch", body, bearer), read_late=read_late)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"\r\n0\r\n\r\n")
    assert answer.count(b'{"text": "x"}') >= 0.99 * body.count(b"\n"), "but for those a chunk cuts in two"


async def test_half_a_request_is_told_so(gateway: RunningGateway) -> None:
    answer = await call(
        gateway, request("GET", "/api/v1/track/x") + request("POST", "/api/v1/track/x", b"abc")[:-1]
    )
    assert [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"200", b"400"]


async def test_letters_in_a_target_are_a_problem_that_says_what_to_do(gateway: RunningGateway) -> None:
    for target in (
        "/api/v1/appeals?q=яма",
        "/api/v1/track/АВ-12",
        "/api/v1/appeals?q=яма на дороге",
        "/api/v1/appeals?q=\u2014",
    ):
        for encoding in ("utf-8", "cp1251"):
            answer = await call(gateway, f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode(encoding))
            head, _, body = answer.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 400 "), target
            assert b"content-type: application/problem+json" in head
            problem = json.loads(body)
            assert problem["type"] == "/problems/bad-request"
            assert "percent-encode" in problem["detail"]
