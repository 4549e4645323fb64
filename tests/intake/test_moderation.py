"""What coordinators and administrators decide in intake: settings, moderation."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from sqlalchemy import text

from harness.payloads import read_payload
from harness.resources import worker_session
from tests.intake.conftest import OPEN, Story, handle, mask_all, post


async def test_settings_have_versions(app_client: Any, mint: Any) -> None:
    client, _ = await app_client("intake")
    path, admin = "/api/v1/settings/46/intake", mint.headers("admin")
    assert (await client.get(path, headers=admin)).json() == {
        "region": "46",
        "version": 0,
        "reopen_days": 30,
        "moderated_channels": [],
        "holding_flags": [],
    }
    new = {"reopen_days": 10, "moderated_channels": ["widget"]}
    assert (await client.put(path, json=new, headers=admin)).status_code == 428
    both = await asyncio.gather(
        *(client.put(path, json=new, headers={**admin, "If-Match": "0"}) for _ in range(2))
    )
    assert sorted(response.status_code for response in both) == [200, 412]
    assert (await client.get(path, headers=admin)).json()["version"] == 1
    assert (await client.get(path, headers=mint.headers("coordinator"))).status_code == 403
    assert (await client.get("/api/v1/settings/59/intake", headers=admin)).status_code == 403


async def test_moderation(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    await client.put(
        "/api/v1/settings/46/intake",
        json={"moderated_channels": ["widget"]},
        headers={**mint.headers("admin"), "If-Match": "0"},
    )
    held = await post(client, mint.headers("portal"), channel="widget")
    free = await post(client, mint.headers("portal"))
    assert (held["status"], free["status"]) == ("on_moderation", "registered")
    await mask_all(app)
    moderator = mint.headers("coordinator")
    queue = (await client.get("/api/v1/moderation", headers=moderator)).json()["items"]
    assert [item["id"] for item in queue] == [held["id"]]
    await handle(app, Story(held["id"]).created())  # deadlines and routing are not held
    reject = {"decision": "reject", "reason": "нецензурная брань"}
    path = f"{OPEN}/{held['id']}/moderation"
    assert (
        await client.post(path, json=reject, headers=mint.headers("coordinator", ["59"]))
    ).status_code == 404
    decided = await client.post(path, json=reject, headers=moderator)
    assert decided.json()["status"] == "rejected"
    assert (await client.post(path, json=reject, headers=moderator)).status_code == 409
    assert (await client.get("/api/v1/moderation", headers=moderator)).json()["items"] == []
    async with worker_session(app) as session:
        subjects = list(
            await session.scalars(text("SELECT subject FROM intake.outbox ORDER BY created_at, id"))
        )
        flags = [
            orjson.loads(read_payload(row))["data"]["on_moderation"]
            for row in (
                await session.execute(
                    text(
                        "SELECT packed, payload FROM intake.outbox "
                        "WHERE subject = 'intake.appeal.registered.v1' ORDER BY id"
                    )
                )
            ).mappings()
        ]
    assert subjects[-1] == "intake.appeal.moderated.v1"
    assert flags == [True, False]
