"""What bodies and coordinators write about more days: sealed or masked here, whichever comes first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from uuid_utils.compat import uuid7

from chassis.db import open_work
from contracts.intake import ExtensionReasonMasked
from harness.clear import in_clear
from harness.databases import Database
from services.sla.extensions.actions import store_reasons
from services.sla.tables import EXTENSION_WORDS
from tests.sla.events import Appeal, deliver, now

CANARY = "Канарейкина Ольга, кв. 77, +7 910 555-00-11"


@pytest.fixture
def sla(sessions: Any) -> Any:
    return sessions("sla")


async def _hear(sla: Any, *events: Any) -> None:
    """Each in a batch of its own, as two streams bring them."""
    for event in events:
        if isinstance(event, ExtensionReasonMasked):
            async with sla.begin() as session:
                await store_reasons(session, [event])
        else:
            await deliver(sla, event)


def _asked(appeal: Appeal, extension: Any) -> list[Any]:
    """As the wire brings it: the words are sealed for intake, and intake tells the reason, masked."""
    request = appeal.extension(now() - timedelta(days=1), 10, extension)
    masked = ExtensionReasonMasked(
        region=appeal.region, appeal_id=appeal.id, extension_id=extension, reason="Ждём [имя]"
    )
    return [request.model_copy(update={"reason": "", "words": "AA=="}), masked]


@pytest.mark.parametrize("first", ["request", "reason"])
async def test_the_coordinator_reads_the_masked_reason(
    app_client: Any, mint: Any, sla: Any, first: str
) -> None:
    client, _ = await app_client("sla")
    appeal, extension = Appeal(received_at=now() - timedelta(days=10), regime="statutory"), uuid7()
    events = _asked(appeal, extension)
    await deliver(sla, appeal.registered(), appeal.created())
    await _hear(sla, *(events if first == "request" else reversed(events)))
    headers = mint.headers("coordinator")
    (listed,) = (await client.get("/api/v1/extensions?status=pending", headers=headers)).json()["items"]
    assert listed["reason"] == "Ждём [имя]"
    body = {"decision": "refuse", "reason": "Нет оснований"}
    decided = await client.post(f"/api/v1/extensions/{extension}/decision", json=body, headers=headers)
    assert decided.json()["reason"] == "Ждём [имя]"


async def test_a_decision_is_kept_sealed_and_shown_where_it_was_made(
    app_client: Any, mint: Any, sla: Any, database: Database
) -> None:
    client, _ = await app_client("sla")
    appeal, extension = Appeal(received_at=now() - timedelta(days=10), regime="statutory"), uuid7()
    await _hear(sla, appeal.registered(), appeal.created(), *_asked(appeal, extension))
    headers = {**mint.headers("coordinator"), "Idempotency-Key": "once"}
    body = {"decision": "approve", "reason": CANARY}
    path = f"/api/v1/extensions/{extension}/decision"
    first = await client.post(path, json=body, headers=headers)
    again = await client.post(path, json=body, headers=headers)
    assert first.json() == again.json()
    marked = await client.post(
        f"/api/v1/appeals/{appeal.id}/deadlines/cases",
        json={"case": "special_outcome", "reason": CANARY},
        headers=mint.headers("coordinator"),
    )
    assert marked.status_code == 200, marked.text
    (listed,) = (await client.get("/api/v1/extensions?status=decided", headers=headers)).json()["items"]
    assert listed["decision_reason"] == CANARY
    assert CANARY in listed["notice"]
    look = await asyncpg.connect(database.dsn())
    assert await in_clear(look, "sla", "Канарейкина") == []
    await look.close()


async def test_decisions_of_an_older_version_are_sealed_and_stay_readable(
    app_client: Any, mint: Any, sla: Any, database: Database
) -> None:
    client, app = await app_client("sla")
    appeal, extension = Appeal(received_at=now() - timedelta(days=10), regime="statutory"), uuid7()
    await _hear(sla, appeal.registered(), appeal.created(), *_asked(appeal, extension))
    headers = mint.headers("coordinator")
    body = {"decision": "approve", "reason": "x"}
    await client.post(f"/api/v1/extensions/{extension}/decision", json=body, headers=headers)
    look = await asyncpg.connect(database.dsn())
    await look.execute(
        "UPDATE sla.extension SET decision_reason = $1, notice = $1, sealed = NULL, key_id = NULL", CANARY
    )
    assert await in_clear(look, "sla", CANARY) == ["extension"]
    async with app.state.resources.sessions.begin() as session:
        await open_work(session)
        assert await EXTENSION_WORDS.seal_old(session) == 1
    assert await in_clear(look, "sla", CANARY) == []
    await look.close()
    (listed,) = (await client.get("/api/v1/extensions", headers=headers)).json()["items"]
    assert (listed["decision_reason"], listed["notice"]) == (CANARY, CANARY)
