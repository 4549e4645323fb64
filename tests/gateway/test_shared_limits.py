"""Limits are those of all gateways together: two real ones on one real database."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest
from sqlalchemy import text

from chassis.idempotency import keyed_hash
from gateway import shared_limits
from gateway.shared_limits import SharedLimits, purge_used_limits
from harness.databases import Database
from harness.servers import Servers
from harness.waiting import eventually
from tests.gateway.conftest import ADMIN, RunningGateway, Services, credentials_of

StartGateway = Callable[..., Awaitable[RunningGateway]]
LIMIT = 60
SLICE = 3  # a twentieth of the limit
MOST = LIMIT + 2 * SLICE
Ask = Callable[[], Awaitable[httpx2.Response]]


@pytest.fixture
async def gateways(start_gateway: StartGateway, services: Services, tmp_path: Path) -> list[RunningGateway]:
    """Two gateways of one system."""
    await services.start("intake")
    limits: dict[str, Any] = {"open_requests_per_minute": LIMIT, "failed_logins_per_minute": 20}
    return [
        await start_gateway(internal_listen=f"unix:{tmp_path}/{name}.sock", **limits)
        for name in ("one", "two")
    ]


def in_turn(gateways: list[RunningGateway], count: int, method: str, path: str, **options: Any) -> list[Ask]:
    """So many requests to each gateway."""
    return [partial(gateway.client.request, method, path, **options) for gateway in gateways * count]


@dataclass(frozen=True)
class Burst:
    """How many of some requests were not one too many, and how long they took."""

    passed: int
    seconds: float

    def lies_between(self, least: int, most: int, per_minute: int) -> bool:
        """Whether so many passed, but for what was given again in the meantime."""
        return least <= self.passed <= most + math.ceil(self.seconds * per_minute / 60)


async def burst(asks: list[Ask], *, at_once: int) -> Burst:
    """Send them all, `at_once` at a time."""
    passed, began = 0, time.monotonic()
    for start in range(0, len(asks), at_once):
        answers = await asyncio.gather(*(ask() for ask in asks[start : start + at_once]))
        assert {answer.status_code for answer in answers} <= {200, 401, 429}
        passed += sum(answer.status_code != 429 for answer in answers)
    return Burst(passed, time.monotonic() - began)


async def limited_client(gateways: list[RunningGateway]) -> dict[str, str]:
    """The headers of a client whose limit both gateways know."""
    made = await gateways[0].make_client(requests_per_minute=LIMIT)
    for gateway in gateways:
        gateway.app.resources.registry.note(made["id"], LIMIT)
    return await gateways[0].headers(credentials_of(made))


async def test_a_client_has_its_limit_once(gateways: list[RunningGateway]) -> None:
    for at_once in (1, 2, 40):
        headers = await limited_client(gateways)
        asks = in_turn(gateways, LIMIT, "GET", "/api/v1/appeals", headers=headers)
        sent = await burst(asks, at_once=at_once)
        assert sent.lies_between(LIMIT, MOST, LIMIT), (at_once, sent)

    headers = await limited_client(gateways)
    first, second = gateways
    asks = in_turn([first], 2 * LIMIT, "GET", "/api/v1/appeals", headers=headers)
    assert (await burst(asks, at_once=10)).lies_between(LIMIT, LIMIT, LIMIT)
    await eventually(lambda: not first.app.resources.limits.limiter.unshared)
    asks = in_turn([second], LIMIT, "GET", "/api/v1/appeals", headers=headers)
    assert (await burst(asks, at_once=1)).lies_between(0, 2 * SLICE, LIMIT)
    others = await second.client.get("/api/v1/appeals", headers=await second.headers())
    assert others.status_code == 200


async def test_an_address_has_its_limits_once(gateways: list[RunningGateway]) -> None:
    asks = in_turn(gateways, LIMIT, "GET", "/api/v1/track/abc")
    assert (await burst(asks, at_once=10)).lies_between(LIMIT, MOST, LIMIT)
    # So have guesses of a secret, of which a slice is one.
    wrong = {"grant_type": "client_credentials", **ADMIN, "client_secret": "wrong"}
    asks = in_turn(gateways, 20, "POST", "/oauth/token", data=wrong)
    assert (await burst(asks, at_once=1)).lies_between(20, 22, 20)


async def test_nobody_can_read_who_it_was_and_what_is_made_up_for_is_forgotten(
    gateways: list[RunningGateway], database: Database
) -> None:
    gateway = gateways[0]
    assert (await burst(in_turn([gateway], 5, "GET", "/api/v1/track/abc"), at_once=1)).passed == 5
    await eventually(lambda: not gateway.app.resources.limits.limiter.unshared)
    async with database.sessions("gateway").begin() as session:

        async def keys() -> list[bytes]:
            found = await session.scalars(text("SELECT key FROM gateway.used_limit"))
            return [bytes(key) for key in found]

        used = await keys()
        assert {len(key) for key in used} == {32}
        assert keyed_hash("test-hash-key", b"limit", b"127.0.0.1") in used
        await purge_used_limits(session)
        assert await keys() == used
        await session.execute(text("UPDATE gateway.used_limit SET busy_until = now() - interval '1 second'"))
        await purge_used_limits(session)
        assert await keys() == []


async def test_a_clock_that_was_wrong_shuts_nobody_out_for_long(
    gateways: list[RunningGateway], database: Database
) -> None:
    gateway = gateways[0]
    assert (await burst(in_turn([gateway], 1, "GET", "/api/v1/track/abc"), at_once=1)).passed == 1
    await eventually(lambda: not gateway.app.resources.limits.limiter.unshared)
    async with database.sessions("gateway").begin() as session:
        await session.execute(text("UPDATE gateway.used_limit SET busy_until = now() + interval '1 day'"))
    assert (await burst(in_turn([gateway], 1, "GET", "/api/v1/track/abc"), at_once=1)).passed == 1
    await eventually(lambda: not gateway.app.resources.limits.limiter.unshared)
    late = await gateway.client.get("/api/v1/track/abc")
    assert late.status_code == 429
    assert int(late.headers["retry-after"]) <= 62


async def test_without_the_database_each_gateway_goes_on_by_itself(
    gateways: list[RunningGateway], servers: Servers, database: Database
) -> None:
    headers = await limited_client(gateways)
    gateway = gateways[0]
    limits = gateway.app.resources.limits
    admin = await asyncpg.connect(servers.database_url("postgres", database="postgres", driver="postgresql"))
    try:
        await admin.execute(f'ALTER DATABASE "{database.name}" WITH ALLOW_CONNECTIONS false')
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", database.name
        )
        asks = in_turn([gateway], 2 * LIMIT, "GET", "/api/v1/appeals", headers=headers)
        assert (await burst(asks, at_once=10)).lies_between(LIMIT, LIMIT, LIMIT)
        await eventually(lambda: not limits.is_shared)
    finally:
        await admin.execute(f'ALTER DATABASE "{database.name}" WITH ALLOW_CONNECTIONS true')
        await admin.close()
    await eventually(lambda: limits.is_shared)
    assert (await gateway.client.get("/api/v1/track/abc")).status_code == 200
    await eventually(lambda: not limits.limiter.unshared)


async def test_a_database_that_hangs_holds_nobody_up(
    gateways: list[RunningGateway], database: Database
) -> None:
    headers = await limited_client(gateways)
    limits = gateways[0].app.resources.limits
    async with database.sessions("gateway").begin() as session:
        await session.execute(text("LOCK gateway.used_limit IN ACCESS EXCLUSIVE MODE"))
        asks = in_turn([gateways[0]], LIMIT, "GET", "/api/v1/appeals", headers=headers)
        sent = await burst(asks, at_once=LIMIT)
        assert sent.passed == LIMIT
        assert sent.seconds < 10
        await eventually(lambda: not limits.is_shared)
    await eventually(lambda: limits.is_shared)


async def test_a_round_that_is_late_for_one_caller_leaves_the_others_shared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shared_limits, "PATIENCE_SECONDS", 0.01)
    limits = SharedLimits("test-hash-key", time.monotonic)
    limits.is_shared = True  # and no round comes
    assert [await limits.hit("late", LIMIT) for _ in range(SLICE + 2)] == [0.0] * (SLICE + 2)
    assert limits.is_shared
