"""Revocation: what an admin takes back at one gateway is refused everywhere within five seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from chassis.problems import Unauthorised, Unavailable
from chassis.revocations import KEEP_SECONDS, Revocations, parse
from chassis.tokens import TokenVerifier
from harness.databases import Database
from harness.waiting import eventually
from tests.gateway.conftest import RunningGateway, Services, credentials_of, listening, settings_of

StartGateway = Callable[..., Awaitable[RunningGateway]]
LIST = "/.well-known/revocations"
SECONDS = 5.0


def verifier_of(gateway: RunningGateway) -> TokenVerifier:
    """What a service that has just been started checks tokens with."""
    return TokenVerifier(f"unix:{gateway.internal}", "otklik", "otklik")


@asynccontextmanager
async def verifying(gateway: RunningGateway) -> AsyncIterator[TokenVerifier]:
    """A service's verifier that keeps its revocations up to date, as the service's background task does."""
    verifier = verifier_of(gateway)
    assert verifier.feed is not None
    reading = asyncio.create_task(verifier.feed.run())
    yield verifier
    assert not reading.done()  # whatever happened to the gateway
    reading.cancel()


async def is_refused(verifier: TokenVerifier, token: str) -> bool:
    try:
        await verifier.verify(token)
    except Unauthorised:
        return True
    return False


async def test_a_revoked_client_is_refused_by_the_other_gateway_and_by_services_themselves(
    start_gateway: StartGateway, services: Services, tmp_path: Path
) -> None:
    await services.start("intake")
    first = await start_gateway()
    second = await start_gateway(internal_listen=f"unix:{tmp_path}/second.sock")
    made, other = [await first.make_client() for _ in range(2)]
    gone, stays = [await first.token(credentials_of(client)) for client in (made, other)]
    async with verifying(second) as service:

        async def refusals(token: str) -> list[bool]:
            headers = {"Authorization": f"Bearer {token}"}
            answers = [
                await gateway.client.get("/api/v1/appeals", headers=headers) for gateway in (first, second)
            ]
            assert {answer.status_code for answer in answers} <= {200, 401}
            return [*(answer.status_code == 401 for answer in answers), await is_refused(service, token)]

        async def refused() -> bool:
            return all(await refusals(gone))

        assert await refusals(gone) == await refusals(stays) == [False] * 3
        admin = await first.headers()
        deleted = await first.client.delete(f"/api/v1/clients/{made['id']}", headers=admin)
        assert deleted.status_code == 204
        began = time.monotonic()
        assert (await refusals(gone))[0]  # at once where it was said
        await eventually(refused, seconds=SECONDS)
        assert time.monotonic() - began < SECONDS
        assert await refusals(stays) == [False] * 3


async def test_a_service_that_starts_after_the_revocation_refuses_at_once(gateway: RunningGateway) -> None:
    made = await gateway.make_client()
    token = await gateway.token(credentials_of(made))
    await gateway.client.delete(f"/api/v1/clients/{made['id']}", headers=await gateway.headers())
    assert await is_refused(verifier_of(gateway), token)


async def test_a_lost_gateway_stops_nobody_and_frees_nobody(
    shared_database: Database, services: Services, tmp_path: Path
) -> None:
    settings = settings_of(shared_database, services, tmp_path)
    async with AsyncExitStack() as stack:
        async with listening(settings) as gateway:
            verifier = await stack.enter_async_context(verifying(gateway))
            made, other = await gateway.make_client(), await gateway.make_client()
            gone, stays = [await gateway.token(credentials_of(client)) for client in (made, other)]
            assert not await is_refused(verifier, gone)
            assert not await is_refused(verifier, stays)
            await gateway.client.delete(f"/api/v1/clients/{made['id']}", headers=await gateway.headers())

            async def refused() -> bool:
                return await is_refused(verifier, gone)

            await eventually(refused, seconds=SECONDS)
        feed = verifier.feed
        assert feed is not None
        await eventually(lambda: feed.failures > 1)
        assert await is_refused(verifier, gone)
        assert not await is_refused(verifier, stays)
        async with listening(settings):
            await eventually(lambda: feed.failures == 0)
            assert await is_refused(verifier, gone)
            assert not await is_refused(verifier, stays)


async def test_without_the_list_a_service_that_has_never_read_it_lets_nobody_in(
    gateway: RunningGateway,
) -> None:
    token = await gateway.token(credentials_of(await gateway.make_client()))
    gateway.app.resources.revocations.is_known = False
    with pytest.raises(Unavailable):
        await verifier_of(gateway).verify(token)
    outside = TokenVerifier(f"unix:{gateway.internal}", "otklik", "otklik", check_revocations=False)
    assert not await is_refused(outside, token)


async def test_a_rotation_may_void_the_tokens_of_the_old_secret(gateway: RunningGateway) -> None:
    made = await gateway.make_client()
    admin = await gateway.headers()
    path = f"/api/v1/clients/{made['id']}/secret"
    old = await gateway.token(credentials_of(made))
    second = (await gateway.client.post(path, headers=admin)).json()
    assert not await is_refused(verifier_of(gateway), old)
    third = await gateway.client.post(path, headers=admin, json={"revoke_tokens": True})
    # In the same second: which token is void is a question of what it was issued for, not of clocks.
    new = await gateway.token(credentials_of({**second, **third.json()}))
    verifier = verifier_of(gateway)
    assert await is_refused(verifier, old)
    assert not await is_refused(verifier, new)
    for token, status in ((old, 401), (new, 403)):
        answer = await gateway.client.get("/api/v1/clients", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status


@pytest.mark.parametrize(
    "change",
    [
        "regions = '{59}'",
        "municipalities = '{38701000}'",
        "role = 'analyst'",
        "organisation_id = gen_random_uuid()",
        "revoked_at = now()",
    ],
)
async def test_whatever_changes_what_a_client_may_do_voids_its_tokens(
    gateway: RunningGateway, shared_database: Database, change: str
) -> None:
    made = await gateway.make_client()
    token = await gateway.token(credentials_of(made))
    async with shared_database.sessions("gateway").begin() as session:
        await session.execute(text("UPDATE gateway.client SET name = 'x' WHERE id = :id"), {"id": made["id"]})
    assert not await is_refused(verifier_of(gateway), token)
    async with shared_database.sessions("gateway").begin() as session:
        await session.execute(text(f"UPDATE gateway.client SET {change} WHERE id = :id"), {"id": made["id"]})

    async def refused() -> bool:
        return await is_refused(verifier_of(gateway), token)

    await eventually(refused, seconds=SECONDS)


async def test_the_list_names_nobody_whose_tokens_have_all_expired(
    start_gateway: StartGateway, database: Database
) -> None:
    gateway = await start_gateway()
    long_ago, today = await gateway.make_client(), await gateway.make_client()
    for made in (long_ago, today):
        await gateway.client.delete(f"/api/v1/clients/{made['id']}", headers=await gateway.headers())
    async with database.sessions("gateway").begin() as session:
        await session.execute(
            text("UPDATE gateway.client SET tokens_void_at = now() - interval '16 minutes' WHERE id = :id"),
            {"id": long_ago["id"]},
        )
    other = await start_gateway()
    answer = await other.client.get(LIST)
    assert answer.json() == {"clients": {today["id"]: 1}}
    unchanged = await other.client.get(LIST, headers={"If-None-Match": answer.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    await other.client.delete(f"/api/v1/clients/{today['id']}", headers=await other.headers())
    made = await other.make_client()
    await other.client.delete(f"/api/v1/clients/{made['id']}", headers=await other.headers())
    changed = await other.client.get(LIST, headers={"If-None-Match": answer.headers["etag"]})
    assert set(changed.json()["clients"]) == {today["id"], made["id"]}


def test_readings_are_merged_by_the_newer_generation_and_forgotten_in_the_end() -> None:
    revocations = Revocations()
    assert not revocations.void("a", 0)
    revocations.learn({"a": 2, "b": 1}, 0.0)
    revocations.learn({"a": 1}, 1.0)  # of a gateway that has not heard of the second yet
    assert [revocations.void("a", generation) for generation in (0, 1, 2, 3)] == [True, True, False, False]
    assert revocations.named() == {"a": 2, "b": 1}
    revocations.learn({}, KEEP_SECONDS + 0.5)
    assert revocations.named() == {"a": 2}
    revocations.learn({}, KEEP_SECONDS + 1.5)
    assert revocations.named() == {}


@pytest.mark.parametrize(
    "document", [None, [], {}, {"clients": []}, {"clients": {"a": "1"}}, {"clients": {"a": None}}]
)
def test_another_document_is_no_list(document: object) -> None:
    with pytest.raises(ValueError):
        parse(document)
