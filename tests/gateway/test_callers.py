"""Whose address a request counts for, with and without reverse proxies in front."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from gateway.callers import CallerAddresses, parse_proxies
from tests.gateway.conftest import RunningGateway, Services

StartGateway = Callable[..., Awaitable[RunningGateway]]


def caller(proxies: str, peer: str | None, *forwarded: str) -> str | None:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    scope = {"type": "http", "client": (peer, 1) if peer else None, "headers": headers}
    return CallerAddresses(parse_proxies(proxies)).of(scope)


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "found"),
    [
        ("", "127.0.0.1", ["1.2.3.4"], "127.0.0.1"),
        ("10.0.0.1", "10.0.0.2", ["1.2.3.4"], "10.0.0.2"),
        ("10.0.0.1", "10.0.0.1", ["1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", "10.0.0.1", ["9.9.9.9, 1.2.3.4"], "1.2.3.4"),
        ("10.0.0.0/8", "10.0.0.1", ["9.9.9.9, 1.2.3.4, 10.7.7.7"], "1.2.3.4"),
        ("10.0.0.0/8", "10.0.0.1", ["9.9.9.9", "1.2.3.4"], "1.2.3.4"),
        ("10.0.0.0/8", "10.0.0.1", ["10.1.1.1, 10.2.2.2"], "10.1.1.1"),
        ("10.0.0.0/8", "10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", ["unknown"], "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", ["1.2.3.4:5678"], "1.2.3.4"),
        ("fd00::/8, 10.0.0.1", "fd00::1", ["[2001:db8::7]:443"], "2001:db8::7"),
        ("10.0.0.1", "::ffff:10.0.0.1", ["1.2.3.4"], "1.2.3.4"),
        ("unix", None, ["1.2.3.4"], "1.2.3.4"),
        ("", None, ["1.2.3.4"], None),
    ],
)
def test_only_trusted_proxies_say_who_calls(
    proxies: str, peer: str | None, forwarded: list[str], found: str | None
) -> None:
    assert caller(proxies, peer, *forwarded) == found


@pytest.mark.parametrize(
    ("configured", "key", "named", "found"),
    [
        ("secret", "secret", "198.51.100.7", "198.51.100.7"),
        ("secret", "secret", "2001:db8::7", "2001:db8::7"),
        ("secret", "secret", "somebody", "127.0.0.1"),
        ("secret", "secret", None, "127.0.0.1"),
        ("secret", "Secret", "198.51.100.7", "127.0.0.1"),
        ("secret", "", "198.51.100.7", "127.0.0.1"),
        ("secret", None, "198.51.100.7", "127.0.0.1"),
        ("", "", "198.51.100.7", "127.0.0.1"),
        ("", None, "198.51.100.7", "127.0.0.1"),
    ],
)
def test_the_pages_say_who_calls_by_their_key_alone(
    configured: str, key: str | None, named: str | None, found: str
) -> None:
    said = {b"x-otklik-pages-key": key, b"x-otklik-caller": named}
    headers = [(name, value.encode()) for name, value in said.items() if value is not None]
    scope = {"type": "http", "client": ("127.0.0.1", 1), "headers": headers}
    assert CallerAddresses(parse_proxies(""), configured).of(scope) == found


async def test_what_the_pages_say_goes_no_further_than_the_gateway(
    start_gateway: StartGateway, services: Services
) -> None:
    gateway = await start_gateway(open_requests_per_minute=3, pages_key="secret")
    await services.start("intake")
    key = {"X-Otklik-Pages-Key": "secret"}
    for caller_of_pages in ("198.51.100.7", "198.51.100.8"):
        headers = {**key, "X-Otklik-Caller": caller_of_pages}
        answers = [await gateway.client.get("/api/v1/track/abc", headers=headers) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200] * 3 + [429]
        assert not [name for name, _ in answers[0].json()["headers"] if name.startswith("x-otklik")]


def test_nonsense_is_no_proxy() -> None:
    with pytest.raises(ValueError):
        parse_proxies("my-proxy")


async def test_a_changing_header_passes_no_limit(start_gateway: StartGateway, services: Services) -> None:
    gateway = await start_gateway(open_requests_per_minute=3)
    await services.start("intake")
    answers = [
        await gateway.client.get("/api/v1/track/abc", headers={"X-Forwarded-For": f"1.2.3.{number}"})
        for number in range(5)
    ]
    assert [answer.status_code for answer in answers] == [200] * 3 + [429] * 2


async def test_behind_a_trusted_proxy_every_citizen_has_a_limit(
    start_gateway: StartGateway, services: Services
) -> None:
    gateway = await start_gateway(open_requests_per_minute=3, trusted_proxies="127.0.0.0/8")
    await services.start("intake")
    for citizen in ("1.2.3.4", "5.6.7.8"):
        headers = {"X-Forwarded-For": f"6.6.6.6, {citizen}"}
        answers = [await gateway.client.get("/api/v1/track/abc", headers=headers) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200] * 3 + [429]
