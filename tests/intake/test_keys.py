"""Wrong keys and damaged originals: nothing is accepted under a key nobody has, and nothing accepted stands still."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from harness.databases import Database
from harness.resources import worker_session
from harness.waiting import eventually
from services.intake.workers import retry_set_aside
from tests.intake.conftest import Story, appeal_body, handle, mask_all

OPEN = "/api/v1/appeals"
DEAD = "/api/v1/operations/intake/dead-letters"
OTHER_KEY = base64.b64encode(bytes(32)).decode()
WRONG = {
    "OTKLIK_ENCRYPTION_KEY": OTHER_KEY,
    "OTKLIK_HASH_KEY": "another hash key",
}
FIRST = "(SELECT appeal_id FROM intake.original ORDER BY appeal_id LIMIT 1)"
DAMAGES = {
    "unknown key": f"UPDATE intake.original SET key_id = 9 WHERE appeal_id = {FIRST}",
    "changed": f"UPDATE intake.original SET sealed = sealed || '\\x00'::bytea WHERE appeal_id = {FIRST}",
    "cut short": f"UPDATE intake.original SET sealed = substr(sealed, 1, 5) WHERE appeal_id = {FIRST}",
    "empty": f"UPDATE intake.original SET sealed = '\\x'::bytea WHERE appeal_id = {FIRST}",
    "gone": f"DELETE FROM intake.original WHERE appeal_id = {FIRST}",
}


async def run(database: Database, *statements: str) -> None:
    """As an administrator of the database."""
    connection = await asyncpg.connect(database.dsn())
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def register(client: Any, mint: Any, count: int = 1) -> list[dict[str, Any]]:
    made = []
    for _ in range(count):
        answer = await client.post(OPEN, json=appeal_body(), headers=mint.headers("portal"))
        assert answer.status_code == 201, answer.text
        made.append(dict(answer.json()))
    return made


async def unmasked(app: Any) -> list[str | None]:
    async with worker_session(app) as session:
        return list(await session.scalars(text("SELECT problem FROM intake.masking_pending")))


@pytest.mark.parametrize("variable", WRONG)
@pytest.mark.parametrize("upgraded", [False, True], ids=["checked before", "data of an older version"])
async def test_with_a_wrong_key_nothing_is_acknowledged_and_the_right_one_goes_on(
    app_client: Callable[..., Any], mint: Any, database: Database, variable: str, upgraded: bool
) -> None:
    client, _ = await app_client("intake")
    (first,) = await register(client, mint)
    if upgraded:
        await run(database, "DELETE FROM intake.key_check")

    wrong, app = await app_client("intake", background=True, **{variable: WRONG[variable]})
    answer = await wrong.post(OPEN, json=appeal_body(), headers=mint.headers("portal"))
    assert answer.status_code == 503
    assert variable in answer.json()["detail"]
    assert (await wrong.get(f"/api/v1/track/{first['tracking_code']}")).status_code == 503
    ready = await wrong.get("/health/ready")
    assert ready.status_code == 503
    assert list(ready.json()["problems"]) == ["secrets"], "the true reason and no other"
    assert variable in ready.json()["problems"]["secrets"]
    assert (await wrong.get("/health/live")).status_code == 200
    assert await unmasked(app) == [None], "the worker has touched nothing"

    right, app = await app_client("intake")
    await mask_all(app)
    assert await unmasked(app) == []
    seen = await right.get(f"/api/v1/track/{first['tracking_code']}")
    assert seen.json()["number"] == first["number"]


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_damaged_original_is_a_dead_letter_its_neighbours_go_on_and_nothing_answers_500(
    app_client: Callable[..., Any], mint: Any, database: Database, damage: str
) -> None:
    client, app = await app_client("intake")
    damaged, *_ = await register(client, mint, 3)
    await run(database, "CREATE TABLE kept AS SELECT * FROM intake.original", DAMAGES[damage])
    coordinator, admin = mint.headers("coordinator"), mint.headers("admin", ["*"])

    page = await client.get(OPEN, headers=coordinator)
    assert page.status_code == 200
    assert sum("недоступен" in line["text"] for line in page.json()["items"]) == 1
    await mask_all(app)
    assert len(await unmasked(app)) == 1

    purpose = {"purpose": "Проверка обращения"}
    original = await client.post(f"{OPEN}/{damaged['id']}/original", json=purpose, headers=coordinator)
    assert (original.status_code, original.json()["type"]) in [
        (503, "/problems/original-sealed"),
        (404, "/problems/not-found"),
    ]
    dead = (await client.get(DEAD, headers=admin)).json()
    assert dead["total"] == 1
    assert (dead["items"][0]["event_id"], dead["items"][0]["handler"]) == (damaged["id"], "masking")

    again = await client.post(f"{DEAD}/retry", headers=admin)
    assert again.json() == {"handled": 0, "failed": 1}
    assert (await client.get(DEAD, headers=admin)).json()["items"][0]["attempts"] == 2

    await run(
        database,
        f"DELETE FROM intake.original WHERE appeal_id = '{damaged['id']}'",
        f"INSERT INTO intake.original SELECT * FROM kept WHERE appeal_id = '{damaged['id']}'",
    )
    assert (await client.post(f"{DEAD}/retry", headers=admin)).json() == {"handled": 1, "failed": 0}
    assert (await client.get(DEAD, headers=admin)).json() == {"items": [], "total": 0}
    assert (await client.get(f"{OPEN}/{damaged['id']}", headers=coordinator)).json()["text"].startswith("Яма")
    async with worker_session(app) as session:
        announced = list(await session.scalars(text("SELECT aggregate_id::text FROM intake.outbox")))
    assert announced.count(damaged["id"]) == 1


async def test_a_worker_that_starts_tries_what_was_set_aside_before(
    app_client: Callable[..., Any], mint: Any, database: Database
) -> None:
    client, app = await app_client("intake")
    await register(client, mint, 2)
    await run(database, DAMAGES["unknown key"])
    await mask_all(app)
    assert await unmasked(app) == ["key 9 is not known"]

    await run(database, "UPDATE intake.original SET key_id = 1")
    _, restarted = await app_client("intake", background=True)

    async def all_masked() -> bool:
        return await unmasked(restarted) == []

    await eventually(all_masked)


async def test_a_retry_takes_each_dead_letter_once_however_many_batches_there_are(
    app_client: Callable[..., Any], mint: Any, database: Database
) -> None:
    client, app = await app_client("intake", OTKLIK_MASKING_BATCH="2")
    await register(client, mint, 5)
    await run(database, "UPDATE intake.original SET key_id = 9")
    await mask_all(app)
    assert (await retry_set_aside(app.state.resources)).model_dump() == {"handled": 0, "failed": 5}
    async with worker_session(app) as session:
        tries = await session.scalars(text("SELECT attempts FROM intake.masking_pending"))
        assert list(tries) == [2] * 5


async def test_a_foreign_cursor_and_a_repeat_of_a_damaged_appeal_are_told_in_words(
    app_client: Callable[..., Any], mint: Any, database: Database
) -> None:
    client, app = await app_client("intake")
    await register(client, mint, 2)
    page = await client.get(OPEN, params={"limit": 1}, headers=mint.headers("coordinator"))
    cursor = page.json()["next_cursor"]
    body = appeal_body()
    first = await client.post(OPEN, json=body, headers=mint.headers("portal"))
    story = Story(first.json()["id"])
    await handle(app, story.created(), story.accepted(), story.asked())
    await run(database, "UPDATE intake.original SET key_id = 9")
    changed, _ = await app_client("intake", OTKLIK_CURSOR_KEY="changed on purpose")
    foreign = await changed.get(OPEN, params={"cursor": cursor}, headers=mint.headers("coordinator"))
    assert (foreign.status_code, foreign.json()["type"]) == (400, "/problems/bad-cursor")
    repeat = await changed.post(OPEN, json=body, headers=mint.headers("portal"))
    assert (first.status_code, repeat.status_code) == (201, 503)
    words = {"text": "Яма у дома 5"}
    clarified = await changed.post(f"/api/v1/track/{first.json()['tracking_code']}/clarification", json=words)
    assert (clarified.status_code, clarified.json()["type"]) == (503, "/problems/original-sealed")
