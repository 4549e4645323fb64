"""The gateway under wrong keys: closed, with the reason; and a damaged signing key does not close it."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select, text, update

from gateway.main import Gateway, create
from gateway.tables import client, signing_key
from gateway.workers import refresh_keys
from harness.databases import Database
from tests.gateway.conftest import ADMIN, RunningGateway, listening

StartGateway = Callable[..., Awaitable[RunningGateway]]
WRONG = {
    "encryption_key": base64.b64encode(bytes(32)).decode(),
    "hash_key": "another hash key",
    "cursor_key": "another cursor key",
}


async def rows_of(app: Gateway) -> tuple[list[Any], list[Any]]:
    """What a wrong start could have overwritten."""
    async with app.resources.reading_sessions() as session:
        clients = (await session.execute(select(client.c.id, client.c.secret_hash))).all()
        keys = (await session.execute(select(signing_key.c.id, signing_key.c.private_key))).all()
    return list(clients), list(keys)


@pytest.mark.parametrize("upgraded", [False, True], ids=["checked before", "data of an older version"])
@pytest.mark.parametrize("name", ["encryption_key", "hash_key"])
async def test_a_wrong_key_closes_the_gateway_and_overwrites_nothing(
    start_gateway: StartGateway, database: Database, name: str, upgraded: bool
) -> None:
    gateway = await start_gateway()
    token = await gateway.token(ADMIN)
    before = await rows_of(gateway.app)
    if upgraded:
        async with database.sessions("gateway_owner").begin() as session:
            await session.execute(text("DELETE FROM gateway.key_check"))
    inside = f"unix:{gateway.internal.parent}/wrong.sock"
    changes = {name: SecretStr(WRONG[name]), "internal_listen": inside}
    async with listening(gateway.app.resources.settings.model_copy(update=changes)) as wrong:
        answer = await wrong.client.post("/oauth/token", data={"grant_type": "client_credentials", **ADMIN})
        assert answer.status_code == 503
        bearer = {"Authorization": f"Bearer {token}"}
        posted = await wrong.client.post("/api/v1/appeals", json={"text": "Яма"}, headers=bearer)
        assert (posted.status_code, posted.json()["type"]) == (503, "/problems/keys-not-proven")
        ready = await wrong.client.get("/health/ready")
        assert ready.status_code == 503
        assert f"OTKLIK_{name.upper()}" in ready.json()["problems"]["gateway"]["secrets"]
        assert (await wrong.client.get("/health/live")).status_code == 200
    assert await rows_of(gateway.app) == before
    assert await gateway.token(ADMIN)


async def test_another_cursor_key_begins_lists_anew_and_closes_nothing(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    other = {"cursor_key": SecretStr(WRONG["cursor_key"])}
    app = create(gateway.app.resources.settings.model_copy(update=other))
    async with app.router.lifespan_context(app):
        assert app.resources.proof.problems() == {}


@pytest.mark.parametrize("damage", [b"", b"short", bytes(60)])
async def test_a_damaged_signing_key_is_replaced_and_the_next_start_works(
    start_gateway: StartGateway, damage: bytes
) -> None:
    gateway = await start_gateway()
    async with gateway.app.resources.sessions.begin() as session:
        await session.execute(update(signing_key).values(private_key=damage))
    await refresh_keys(gateway.app.resources)
    assert await gateway.token(ADMIN)
    again = create(gateway.app.resources.settings)
    async with again.router.lifespan_context(again):
        assert [key.id for key in again.resources.ring.keys] == [
            key.id for key in gateway.app.resources.ring.keys
        ]
