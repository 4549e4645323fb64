"""Browsers are led to the pages: with limits, connections and an address of their own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from contracts.parts import PAGES
from gateway.routes import MIB, RouteTree
from gateway.settings import GatewaySettings
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


async def test_open_screens_leave_other_pages_their_connections(
    start_gateway: StartGateway, services: Services
) -> None:
    gateway = await start_gateway(page_connections=1)
    await services.start(PAGES)
    async with (
        gateway.client.stream("GET", "/room/stream") as first,
        gateway.client.stream("GET", "/room/stream") as second,
    ):
        assert [first.status_code, second.status_code] == [200, 200]
        assert (await gateway.client.get("/room")).status_code == 200


BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def test_ten_files_of_ten_megabytes_pass(gateway: RunningGateway) -> None:
    path = "/desk/a/019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b/answer"
    files = [("files", (f"{number}.jpg", b"x" * 10 * MIB, "image/jpeg")) for number in range(10)]
    answer = await gateway.client.post(path, files=files, data={"text": "я" * 10_000})
    assert answer.status_code == 201
    report, form = RouteTree().find("/"), RouteTree().find(path)
    assert report
    assert form
    assert report.max_body == form.max_body > 100 * MIB
    assert GatewaySettings.model_fields["page_body_bytes"].default > 2 * report.max_body


async def test_a_browser_that_is_refused_reads_a_page(
    start_gateway: StartGateway, services: Services
) -> None:
    gateway = await start_gateway(page_requests_per_minute=2)
    gone = await gateway.client.get("/desk", headers=BROWSER)
    large = await gateway.client.post("/desk", headers=BROWSER, content=b"x" * (33 * MIB))
    often = await gateway.client.get("/", headers=BROWSER)
    found = [(answer.status_code, answer.headers["content-type"]) for answer in (gone, large, often)]
    assert found == [(status, "text/html; charset=utf-8") for status in (503, 413, 429)]
    assert "до 10 файлов по 10 МБ" in large.text
    assert f"Подождите {often.headers['retry-after']} с" in often.text
    assert often.headers["ratelimit-limit"] == "2"
    for answer in (gone, large, often):
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-request-id"]


@pytest.mark.parametrize("headers", [{}, {"Accept": "*/*"}, BROWSER | {"HX-Request": "true"}])
async def test_scripts_read_problems(
    start_gateway: StartGateway, services: Services, headers: dict[str, str]
) -> None:
    gateway = await start_gateway()
    answer = await gateway.client.get("/desk", headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
    api = await gateway.client.get("/api/v1/track/abc", headers=BROWSER)
    assert api.headers["content-type"] == "application/problem+json"
