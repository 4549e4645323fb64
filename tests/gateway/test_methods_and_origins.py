"""HEAD, OPTIONS, and which pages of other sites may read answers, through the gateway."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx2
import pytest

from gateway.origins import parse_origins
from tests.gateway.conftest import RunningGateway, Services

PORTAL = "https://portal.example.ru"
CITIZENS = ("/api/v1/track/x", "/api/v1/track/x/rating")
OTHERS = ("/api/v1/appeals", "/api/v1/queue/claim", "/api/v1/clients", "/oauth/token", "/docs", "/nowhere")
SAYS = "access-control-allow-origin"
StartGateway = Callable[..., Awaitable[RunningGateway]]


async def preflight(gateway: RunningGateway, path: str, origin: str) -> httpx2.Response:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    return await gateway.client.options(path, headers={"Origin": origin, **asked})


async def test_head_gives_the_status_and_headers_of_get_everywhere(gateway: RunningGateway) -> None:
    token = await gateway.headers()
    for path, headers in (
        ("/docs", {}),
        ("/openapi.json", {}),
        ("/health/live", {}),
        ("/health/ready", {}),
        ("/problems", {}),
        ("/problems/nothing-of-that-name", {}),
        ("/.well-known/jwks.json", {}),
        ("/nowhere", {}),
        ("/api/v1/clients", token),
        ("/api/v1/clients", {}),
        ("/api/v1/analytics/large", token),
        ("/api/v1/organisations/1", token),
        ("/oauth/token", {}),
    ):
        read = await gateway.client.get(path, headers=headers)
        asked = await gateway.client.head(path, headers=headers)
        assert asked.status_code == read.status_code, path
        for name in ("content-type", "content-length", "location", "allow", "www-authenticate"):
            assert asked.headers.get(name) == read.headers.get(name), (path, name)
        assert asked.content == b""
    # A body that was sent all the same would be read as the next answer of this connection.
    heard = await gateway.client.post("/api/v1/appeals", json={}, headers=token)
    assert heard.json()["method"] == "POST"


async def test_options_asks_for_no_token(gateway: RunningGateway) -> None:
    own = await gateway.client.options("/api/v1/clients")
    assert (own.status_code, own.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    assert own.headers["x-request-id"]
    assert (await gateway.client.options("/oauth/token")).headers["allow"] == "OPTIONS, POST"
    assert (await gateway.client.options("/nowhere")).status_code == 404
    passed = await gateway.client.options("/api/v1/appeals")
    assert (passed.status_code, passed.json()["method"]) == (200, "OPTIONS"), (
        "the service says what it allows"
    )


async def test_options_counts_for_its_address(start_gateway: StartGateway, services: Services) -> None:
    gateway = await start_gateway(open_requests_per_minute=3)
    await services.start("intake")
    answers = [await gateway.client.options("/api/v1/appeals") for _ in range(5)]
    assert [answer.status_code == 429 for answer in answers] == [False] * 3 + [True] * 2


async def test_only_citizens_routes_are_open_to_pages_of_other_sites(gateway: RunningGateway) -> None:
    for path in CITIZENS:
        asked = await preflight(gateway, path, PORTAL)
        assert (asked.status_code, asked.headers[SAYS]) == (204, "*"), path
        assert "POST" in asked.headers["access-control-allow-methods"]
        assert asked.headers["x-request-id"]
        assert "content-type" in asked.headers["access-control-allow-headers"].lower()
        read = await gateway.client.get(path, headers={"Origin": PORTAL})
        assert read.headers[SAYS] == "*", path
        assert "access-control-allow-credentials" not in read.headers
    for path in OTHERS:
        for answer in (
            await preflight(gateway, path, PORTAL),
            await gateway.client.get(path, headers={"Origin": PORTAL}),
        ):
            assert not [name for name in answer.headers if name.startswith("access-control")], path
        assert (await preflight(gateway, path, PORTAL)).status_code in (200, 204, 404), path


async def test_listed_origins_may_read_everything(start_gateway: StartGateway, services: Services) -> None:
    gateway = await start_gateway(
        allowed_origins=f"{PORTAL}, http://localhost:5173", open_requests_per_minute=1000
    )
    await services.start("intake")
    for path in (*CITIZENS, *OTHERS):
        for origin in (PORTAL, "http://localhost:5173"):
            asked = await preflight(gateway, path, origin)
            assert (asked.status_code, asked.headers[SAYS]) == (204, origin)
            assert {"authorization", "if-match", "idempotency-key"} <= set(
                asked.headers["access-control-allow-headers"].lower().split(", ")
            )
            read = await gateway.client.get(path, headers={"Origin": origin})
            assert (read.headers[SAYS], read.headers["vary"]) == (origin, "Origin"), path
            exposed = set(read.headers["access-control-expose-headers"].lower().split(", "))
            assert exposed >= {"location", "retry-after", "x-request-id", "idempotent-replayed", "etag"}
    for origin in (
        "https://evil.example.ru",
        "null",
        PORTAL + ".evil.ru",
        PORTAL + ":444",
        PORTAL.upper(),
        "",
    ):
        for path in OTHERS:
            for answer in (
                await preflight(gateway, path, origin),
                await gateway.client.get(path, headers={"Origin": origin}),
            ):
                assert SAYS not in answer.headers, (origin, path)
                assert "Origin" in answer.headers["vary"]
    assert "Origin" in (await gateway.client.get("/docs")).headers["vary"], "also for who names no origin"


@pytest.mark.parametrize(
    "text", ["*", "null", "portal.ru", "https://", "https://a.ru/", "https://a.ru/x", "ftp://a.ru"]
)
def test_what_is_no_origin_is_not_started_with(text: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        parse_origins(f"{PORTAL},{text}")


def test_origins_are_read_as_browsers_write_them() -> None:
    assert parse_origins(" https://Portal.Example.ru ,http://[::1]:80,") == {
        b"https://portal.example.ru",
        b"http://[::1]:80",
    }
