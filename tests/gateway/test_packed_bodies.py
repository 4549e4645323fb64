"""Packed bodies through the gateway: services get them plain, and the limits are those of plain ones."""

from __future__ import annotations

import gzip
import hashlib
import os
import resource
from collections.abc import AsyncIterator

from tests.gateway.conftest import ADMIN, RunningGateway

MIB = 1024 * 1024
NOISE = os.urandom(300_000)
TEXT = '{"text": "Яма на дороге"}\n'.encode() * 3000
OPEN = "/api/v1/track/x/rating"
PACKED = {"Content-Encoding": "gzip"}


async def pieces(data: bytes, size: int) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


async def test_a_packed_body_arrives_plain_however_it_is_sent(gateway: RunningGateway) -> None:
    headers = {**await gateway.headers(), **PACKED}
    for body in (b"", b"{}", TEXT, NOISE, NOISE + NOISE):
        sent = gzip.compress(body)
        for content in (sent, pieces(sent, 7_000), gzip.compress(body[:10]) + gzip.compress(body[10:])):
            answer = await gateway.client.post("/api/v1/appeals", content=content, headers=headers)
            heard = answer.json()
            assert (heard["size"], heard["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
            assert "content-encoding" not in dict(heard["headers"])
    plain = {**headers, "Content-Encoding": "identity"}
    answer = await gateway.client.post("/api/v1/appeals", content=TEXT, headers=plain)
    assert dict(answer.json()["headers"])["content-length"] == str(len(TEXT))


async def test_a_packed_batch_flows_both_ways(gateway: RunningGateway) -> None:
    sent = gzip.compress(TEXT * 100) + gzip.compress(NOISE)
    headers = {**await gateway.headers(), **PACKED}
    async with gateway.client.stream(
        "POST", "/api/v1/appeals/batch", content=pieces(sent, 50_000), headers=headers
    ) as echoed:
        assert await echoed.aread() == TEXT * 100 + NOISE


async def test_what_is_not_read_is_415_and_what_is_damaged_400(gateway: RunningGateway) -> None:
    token = await gateway.headers()
    for path, headers in (("/api/v1/appeals", token), (OPEN, {}), ("/oauth/token", {})):
        unknown = {**headers, "Content-Encoding": "br"}
        answer = await gateway.client.post(path, content=b"x" * 10, headers=unknown)
        assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unsupported-encoding"), path
        assert answer.headers["accept-encoding"] == "gzip"
        for damaged in (gzip.compress(b"x" * 1000)[:-1], b"{}", b"x" * 100_000):
            answer = await gateway.client.post(path, content=damaged, headers={**headers, **PACKED})
            assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-gzip"), path
    without = await gateway.client.get("/api/v1/appeals", headers={**token, "Content-Encoding": "br"})
    assert without.status_code == 200, "nothing is packed where there is no body"


async def test_the_limit_is_that_of_the_plain_body(gateway: RunningGateway) -> None:
    headers = {**await gateway.headers(), **PACKED}
    for path, most in (("/api/v1/appeals", MIB), (OPEN, 128 * 1024)):
        fits = await gateway.client.post(path, content=gzip.compress(b"x" * most), headers=headers)
        assert fits.json()["size"] == most
        over = await gateway.client.post(path, content=gzip.compress(b"x" * (most + 1)), headers=headers)
        assert (over.status_code, over.json()["type"]) == (413, "/problems/too-large")
    form = gzip.compress(b"x" * (16 * 1024 + 1))
    assert (await gateway.client.post("/oauth/token", content=form, headers=PACKED)).status_code == 413


async def test_a_bomb_costs_no_memory(gateway: RunningGateway) -> None:
    headers = {**await gateway.headers(), **PACKED}
    bomb = gzip.compress(b"\0" * (96 * MIB))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for path in ("/api/v1/appeals", OPEN, "/oauth/token"):
        answer = await gateway.client.post(path, content=bomb, headers=headers)
        assert answer.status_code == 413, path
    layers = await gateway.client.post("/api/v1/appeals", content=gzip.compress(bomb), headers=headers)
    assert layers.json()["size"] == len(bomb)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 * 1024  # KiB


async def test_the_gateways_own_routes_read_packed_bodies_too(gateway: RunningGateway) -> None:
    form = "&".join(
        f"{name}={value}" for name, value in {"grant_type": "client_credentials", **ADMIN}.items()
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded", **PACKED}
    answer = await gateway.client.post("/oauth/token", content=gzip.compress(form.encode()), headers=headers)
    assert answer.status_code == 200
    made = await gateway.client.post(
        "/api/v1/clients",
        content=gzip.compress(b'\xef\xbb\xbf{"name": "A client", "role": "portal", "regions": ["46"]}'),
        headers={**await gateway.headers(), **PACKED, "Content-Type": "application/json"},
    )
    assert made.status_code == 201, made.text
