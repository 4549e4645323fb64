"""The way through the gateway, over real sockets: headers, sizes, streams, failures."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import httpx2
import pytest

from gateway.routes import Route, RouteTree
from harness.databases import Database
from harness.servers import Servers
from harness.waiting import eventually
from tests.gateway.conftest import ADMIN, RunningGateway, Services

MIB = 1024 * 1024
StartGateway = Callable[..., Awaitable[RunningGateway]]


async def chunks(total: int, size: int = 60_000) -> AsyncIterator[bytes]:
    sent = 0
    while sent < total:
        piece = min(size, total - sent)
        yield bytes([sent // size % 251]) * piece
        sent += piece


async def whole(parts: AsyncIterator[bytes]) -> bytes:
    return b"".join([part async for part in parts])


async def test_headers_pass_both_ways_without_doubles_and_hop_by_hop_ones_stay(
    gateway: RunningGateway,
) -> None:
    sent = {
        **await gateway.headers(),
        "If-Match": '"3"',
        "Idempotency-Key": "k1",
        "X-Request-ID": "mine",
        "traceparent": "00-" + "a" * 32 + "-" + "b" * 16 + "-01",
        "Accept": "application/json",
        "Connection": "keep-alive, X-Private",
        "X-Private": "hop",
        "TE": "trailers",
        "Proxy-Authorization": "Basic abc",
        "X-Telegram-Bot-Api-Secret-Token": "s",
    }
    answer = await gateway.client.post("/api/v1/appeals?region=46&q=%D1%8F", json={"a": 1}, headers=sent)
    heard = answer.json()
    got = dict(heard["headers"])
    assert (answer.status_code, heard["method"], heard["query"]) == (201, "POST", "region=46&q=%D1%8F")
    for name in ("if-match", "idempotency-key", "x-request-id", "traceparent", "accept", "authorization"):
        assert got[name] == {key.lower(): value for key, value in sent.items()}[name]
    assert got["x-telegram-bot-api-secret-token"] == "s"
    assert got["content-type"] == "application/json"
    assert not {"x-private", "te", "proxy-authorization", "connection"} & set(got)
    names = [name for name, _ in heard["headers"]]
    assert len(names) == len(set(names))
    assert answer.headers.get_list("x-request-id") == ["from-service"]
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]


async def test_each_path_reaches_its_service(gateway: RunningGateway) -> None:
    headers = await gateway.headers()
    expected = {
        "/api/v1/appeals": "intake",
        "/api/v1/appeals/0190/history": "intake",
        "/api/v1/appeals/0190/deadlines": "sla",
        "/api/v1/appeals/0190/assignments": "routing",
        "/api/v1/settings/46/sla": "sla",
        "/api/v1/operations/analytics/backlog": "analytics",
        "/api/v1/analytics/summary": "analytics",
        "/api/v1/rules/dry-run": "routing",
        "/api/v1/track/x": "intake",
    }
    for path, service in expected.items():
        answer = await gateway.client.get(path, headers=headers)
        assert (answer.status_code, answer.json()["service"], answer.json()["path"]) == (200, service, path)


async def test_unknown_paths_and_missing_tokens_are_problems(gateway: RunningGateway) -> None:
    for path in (
        "/nothing",
        "/api/v1/settings/46/kitchen",
        "/api/v1",
        "/api",
        "/api//v1/topics",
        "/api/v1/nothing/at/all",
    ):
        answer = await gateway.client.get(path)
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found"), path
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["traceparent"]
    answer = await gateway.client.put("/api/v1/clients", headers=await gateway.headers())
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) >= {"GET"}
    assert (await gateway.client.get("/api/v1/appeals")).status_code == 401
    assert (await gateway.client.get("/api/v1/track/abc")).status_code == 200
    assert (
        await gateway.client.get("/api/v1/track/abc", headers={"Authorization": "Bearer old"})
    ).status_code == 200


async def test_bodies_over_the_limit_are_413_whether_announced_or_streamed(gateway: RunningGateway) -> None:
    headers = await gateway.headers()
    announced = await gateway.client.post("/api/v1/appeals", content=b"x" * (MIB + 1), headers=headers)
    streamed = await gateway.client.post("/api/v1/appeals", content=chunks(2 * MIB), headers=headers)
    for answer in (announced, streamed):
        assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large"), answer.text
    fits = await gateway.client.post("/api/v1/appeals", content=b"x" * MIB, headers=headers)
    assert (fits.status_code, fits.json()["size"]) == (201, MIB)


async def test_bodies_of_every_framing_arrive_whole(gateway: RunningGateway) -> None:
    headers = await gateway.headers()
    for size in (0, 1, 64 * 1024, 64 * 1024 + 1, 900_000):
        body = await whole(chunks(size))
        announced = await gateway.client.post("/api/v1/appeals", content=body, headers=headers)
        streamed = await gateway.client.post("/api/v1/appeals", content=chunks(size), headers=headers)
        for answer in (announced, streamed):
            assert answer.json()["sha256"] == hashlib.sha256(body).hexdigest(), size


async def test_a_stream_of_20_mib_flows_both_ways_at_once(gateway: RunningGateway) -> None:
    size = 20 * MIB
    async with gateway.client.stream(
        "POST", "/api/v1/appeals/batch", content=chunks(size), headers=await gateway.headers()
    ) as answer:
        got = hashlib.sha256()
        async for piece in answer.aiter_raw():
            got.update(piece)
    assert answer.status_code == 200
    assert got.hexdigest() == hashlib.sha256(await whole(chunks(size))).hexdigest()


async def test_a_client_that_reads_only_after_sending_everything_is_served(gateway: RunningGateway) -> None:
    size = 20 * MIB
    token = await gateway.token(ADMIN)
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", int(gateway.url.rpartition(":")[2]), limit=2**16
    )
    writer.write(
        f"POST /api/v1/appeals/batch HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n"
        f"content-length: {size}\r\nconnection: close\r\n\r\n".encode()
    )
    reader._transport.pause_reading()  # type: ignore[attr-defined]
    async with asyncio.timeout(30):
        async for piece in chunks(size):
            writer.write(piece)
            await writer.drain()
        reader._transport.resume_reading()  # type: ignore[attr-defined]
        answer = await reader.read(-1)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"0\r\n\r\n")
    assert len(answer) > size


async def test_large_answers_pass_unchanged(gateway: RunningGateway) -> None:
    answer = await gateway.client.get("/api/v1/analytics/large", headers=await gateway.headers())
    assert answer.content == b"0123456789abcdef" * 65536 * 20


async def test_a_stream_reaches_the_client_at_once_and_ends_with_it(gateway: RunningGateway) -> None:
    headers = await gateway.headers()

    async def seen() -> dict[str, int]:
        found: dict[str, int] = (await gateway.client.get("/api/v1/analytics/seen", headers=headers)).json()
        return found

    async with gateway.client.stream("GET", "/api/v1/analytics/stream", headers=headers) as answer:
        pieces = answer.aiter_raw()
        assert await anext(pieces) == b"data: first\n\n"
        begun = await seen()
        assert begun["streams_begun"] == begun["streams_cut"] + 1

    async def cut() -> bool:
        return (await seen())["streams_cut"] == begun["streams_begun"]

    await eventually(cut)


async def test_an_early_refusal_of_a_large_body_is_passed_on(gateway: RunningGateway) -> None:
    answer = await gateway.client.post(
        "/api/v1/analytics/refusing", content=b"x" * 900_000, headers=await gateway.headers()
    )
    assert (answer.status_code, answer.json()) == (403, {"early": True})


async def test_a_killed_service_gives_503_and_is_used_again_when_it_is_back(
    lonely_gateway: RunningGateway, services: Services
) -> None:
    gateway = lonely_gateway
    headers = await gateway.headers()

    async def post() -> httpx2.Response:
        return await gateway.client.post("/api/v1/appeals", json={}, headers=headers)

    assert (await post()).status_code == 503
    await services.start("intake")

    async def answers() -> bool:
        return (await post()).status_code == 201

    await eventually(answers)
    services.kill("intake")
    down = await post()
    assert (down.status_code, down.json()["type"]) == (503, "/problems/unavailable")
    assert down.headers["retry-after"]
    upload = await gateway.client.post("/api/v1/appeals/batch", content=chunks(200_000), headers=headers)
    assert upload.status_code == 503
    await services.start("intake")
    await eventually(answers)


async def test_an_answer_that_breaks_off_does_not_look_complete(
    lonely_gateway: RunningGateway, services: Services
) -> None:
    gateway = lonely_gateway
    await services.start("analytics")
    headers = await gateway.headers()
    with pytest.raises(httpx2.RemoteProtocolError):
        await gateway.client.get("/api/v1/analytics/broken", headers=headers)


async def test_a_silent_service_is_a_504(gateway: RunningGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    routes = (
        Route("/api/v1/analytics", "analytics", seconds=0.3),
        Route("/oauth/token", "gateway", True, "none"),
    )
    monkeypatch.setattr(gateway.app.resources.frontend, "tree", RouteTree(routes))
    headers = await gateway.headers()
    for content in (b"", b"x" * 100_000):
        answer = await gateway.client.post("/api/v1/analytics/silent", content=content, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (504, "/problems/upstream-timeout")


async def test_a_connection_that_went_stale_is_noticed(
    lonely_gateway: RunningGateway, services: Services
) -> None:
    gateway = lonely_gateway
    await services.start("intake")
    headers = await gateway.headers()
    for _ in range(3):
        assert (await gateway.client.post("/api/v1/appeals", json={}, headers=headers)).status_code == 201
        services.kill("intake")
        await services.start("intake")
        assert (await gateway.client.get("/api/v1/appeals", headers=headers)).status_code == 200


async def test_load_beyond_the_connections_is_shed(start_gateway: StartGateway, services: Services) -> None:
    """Of those who listen among themselves: who asks is served meanwhile."""
    gateway = await start_gateway(listening_connections=2)
    await services.start("analytics")
    headers, stream = await gateway.headers(), "/api/v1/analytics/stream"
    async with (
        gateway.client.stream("GET", stream, headers=headers),
        gateway.client.stream("GET", stream, headers=headers),
    ):
        answer = await gateway.client.get(stream, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/overloaded")
        assert (await gateway.client.get("/api/v1/analytics/seen", headers=headers)).status_code == 200

    async def served() -> bool:
        async with gateway.client.stream("GET", stream, headers=headers) as again:
            return again.status_code == 200

    await eventually(served)


async def test_limits_count_per_client_and_per_address(
    start_gateway: StartGateway, services: Services
) -> None:
    gateway = await start_gateway(open_requests_per_minute=3)
    await services.start("intake")
    made = await gateway.make_client(requests_per_minute=5)
    headers = await gateway.headers({"client_id": made["client_id"], "client_secret": made["client_secret"]})
    answers = [await gateway.client.get("/api/v1/appeals", headers=headers) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert answers[-1].json()["type"] == "/problems/too-many-requests"
    statuses = [(await gateway.client.get("/api/v1/track/abc")).status_code for _ in range(5)]
    assert statuses == [200] * 3 + [429] * 2
    others = await gateway.client.get("/api/v1/appeals", headers=await gateway.headers())
    assert others.status_code == 200


async def test_known_tokens_pass_while_the_database_is_away(
    start_gateway: StartGateway, services: Services, servers: Servers, database: Database
) -> None:
    await services.start("intake")
    gateway = await start_gateway()
    headers = await gateway.headers()
    admin = await asyncpg.connect(servers.database_url("postgres", database="postgres", driver="postgresql"))
    try:
        await admin.execute(f'ALTER DATABASE "{database.name}" WITH ALLOW_CONNECTIONS false')
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", database.name
        )
        assert (await gateway.client.post("/api/v1/appeals", json={}, headers=headers)).status_code == 201
        asked = await gateway.client.post("/oauth/token", data={"grant_type": "client_credentials", **ADMIN})
        assert (asked.status_code, asked.headers["content-type"]) == (503, "application/problem+json")
        ready = await gateway.client.get("/health/ready")
        assert ready.status_code == 503
        assert "postgres" in ready.json()["problems"]["gateway"]
        assert (await gateway.client.post("/api/v1/appeals", json={}, headers=headers)).status_code == 201
    finally:
        await admin.execute(f'ALTER DATABASE "{database.name}" WITH ALLOW_CONNECTIONS true')
        await admin.close()

    async def asks() -> bool:
        answer = await gateway.client.post("/oauth/token", data={"grant_type": "client_credentials", **ADMIN})
        return answer.status_code == 200

    await eventually(asks)
