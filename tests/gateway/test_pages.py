"""Browsers are led to the pages: with limits, connections and an address of their own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from contracts.parts import PAGES
from tests.gateway.conftest import RunningGateway, Services

StartGateway = Callable[..., Awaitable[RunningGateway]]


async def test_pages_are_counted_apart_from_what_systems_ask(
    start_gateway: StartGateway, services: Services
) -> None:
    gateway = await start_gateway(page_requests_per_minute=3, open_requests_per_minute=2)
    await services.start(PAGES)
    await services.start("intake")
    pages = [await gateway.client.get(path) for path in ("/", "/desk", "/static/base.css", "/track/abc")]
    assert [answer.status_code for answer in pages] == [200] * 3 + [429]
    tracked = [await gateway.client.get("/api/v1/track/abc") for _ in range(3)]
    assert [answer.status_code for answer in tracked] == [200] * 2 + [429]


async def test_pages_are_told_whose_browser_it_is_and_get_its_cookie(
    start_gateway: StartGateway, services: Services
) -> None:
    gateway = await start_gateway()
    await services.start(PAGES)
    sent = {"Cookie": "otklik=sealed", "X-Otklik-Caller": "198.51.100.7", "X-Otklik-Pages-Key": "guessed"}
    answer = await gateway.client.get("/centre/reviews", headers=sent)
    found: dict[str, Any] = dict(answer.json()["headers"])
    assert found["cookie"] == "otklik=sealed"
    assert found["x-otklik-caller"] == "127.0.0.1"
    assert "x-otklik-pages-key" not in found


async def test_without_the_pages_everything_else_goes_on(
    start_gateway: StartGateway, services: Services
) -> None:
    gateway = await start_gateway()
    await services.start("intake")
    assert (await gateway.client.get("/desk")).status_code == 503
    assert (await gateway.client.get("/api/v1/track/abc")).status_code == 200
    assert "web" in (await gateway.client.get("/health/ready")).json()["problems"]
