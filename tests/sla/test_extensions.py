"""More days over HTTP: asked for, decided once, told."""

from __future__ import annotations

import random
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from contracts.routing import AppealsRemoved
from services.sla.clocks.actions.removals import purge_appeals
from tests.sla.events import OTHER, Appeal, clocks_of, days, deliver, fire, now, rows, said

Client = Any


async def test_an_extension_is_asked_for_decided_once_and_told(client: Client, mint: Any, sla: Any) -> None:
    appeal = Appeal(received_at=now() - days(10), regime="statutory")
    extension = uuid7()
    await deliver(
        sla, appeal.registered(), appeal.created(), appeal.extension(now() - days(1), 45, extension)
    )
    headers = mint.headers("coordinator")
    before = (await clocks_of(sla, appeal))["one:answer:1"]
    listed = (await client.get("/api/v1/extensions?status=pending", headers=headers)).json()["items"]
    assert [(item["id"], item["days"], item["decision"]) for item in listed] == [(str(extension), 45, None)]
    path = f"/api/v1/extensions/{extension}/decision"
    body = {"decision": "approve", "reason": "Запрошены документы"}
    assert (
        await client.post(path, json=body, headers=mint.headers("coordinator", ["59"]))
    ).status_code == 404
    assert (await client.post(path, json=body, headers=mint.headers("portal"))).status_code == 403
    keyed = {**headers, "Idempotency-Key": "once"}
    decided = await client.post(path, json=body, headers=keyed)
    assert decided.status_code == 200, decided.text
    assert (decided.json()["decided_days"], decided.json()["decision"]) == (30, "approve")
    assert "30 дней" in decided.json()["notice"]
    assert decided.json()["notified_at"]
    replayed = await client.post(path, json=body, headers=keyed)
    assert replayed.headers["Idempotent-Replayed"] == "true"
    assert (await client.post(path, json=body, headers=headers)).status_code == 409
    after = (await clocks_of(sla, appeal))["one:answer:1"]
    assert after["due_at"] > before["due_at"] + days(26)
    assert "срок продлён на 30 дней" in after["reason"]
    assert "Срок изменён" in after["reason"]
    (event,) = await said(sla, "extension.decided", appeal)
    assert (event["data"]["decision"], event["data"]["days"]) == ("approve", 30)
    (timer,) = await rows(
        sla, "SELECT version, due_at FROM sla.timer WHERE appeal_id = :id AND clock = 'answer' AND state = 'armed'",
        id=appeal.id,
    )  # fmt: skip
    assert (timer["version"], timer["due_at"]) == (after["version"], after["due_at"])
    missing = await client.post(f"/api/v1/extensions/{uuid7()}/decision", json=body, headers=headers)
    assert missing.status_code == 404


async def test_what_cannot_be_extended_is_said_and_stays_undecided(
    client: Client, mint: Any, sla: Any
) -> None:
    headers = mint.headers("coordinator")
    appeal = Appeal(received_at=now() - days(40), regime="statutory")
    late, second = uuid7(), uuid7()
    await deliver(sla, appeal.registered(), appeal.created(), appeal.extension(now() - days(2), 10, late))
    body = {"decision": "approve", "reason": "Просят"}
    answer = await client.post(f"/api/v1/extensions/{late}/decision", json=body, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/extension-not-possible")
    refused = await client.post(
        f"/api/v1/extensions/{late}/decision",
        json={"decision": "refuse", "reason": "Поздно"},
        headers=headers,
    )
    assert refused.status_code == 200
    assert refused.json()["notice"] is None
    other = Appeal(received_at=now() - days(5), regime="statutory")
    first = uuid7()
    await deliver(
        sla, other.registered(), other.created(),
        other.extension(now() - days(2), 10, first), other.extension(now() - days(1), 10, second),
    )  # fmt: skip
    assert (
        await client.post(f"/api/v1/extensions/{first}/decision", json=body, headers=headers)
    ).status_code == 200
    assert (
        await client.post(f"/api/v1/extensions/{second}/decision", json=body, headers=headers)
    ).status_code == 409


async def test_an_extension_withdraws_a_breach_that_was_already_said(
    client: Client, mint: Any, sla: Any
) -> None:
    """Asked for in time, decided after the due time: the due time moves on and the breach never was."""
    appeal = Appeal(received_at=now() - days(35), regime="statutory")
    extension = uuid7()
    await deliver(
        sla, appeal.registered(), appeal.created(), appeal.extension(now() - days(20), 20, extension)
    )
    await fire(sla)
    assert (await clocks_of(sla, appeal))["one:answer:1"]["state"] == "breached"
    body = {"decision": "approve", "reason": "Запрос"}
    await client.post(
        f"/api/v1/extensions/{extension}/decision", json=body, headers=mint.headers("coordinator")
    )
    clock = (await clocks_of(sla, appeal))["one:answer:1"]
    assert clock["state"] == "running"
    corrected = [e["data"] for e in await said(sla, "deadline.corrected", appeal)]
    assert [event["clock"] for event in corrected] == ["answer"]
    (timer,) = await rows(
        sla, "SELECT state, breached_version FROM sla.timer WHERE appeal_id = :id AND clock = 'answer' "
        "AND assignment_id = :one", id=appeal.id, one=appeal.assignment,
    )  # fmt: skip
    assert (timer["state"], timer["breached_version"]) == ("armed", None)


async def _waiting(client: Client, mint: Any) -> list[str]:
    """Requests that wait, as the list and the overview have them."""
    headers = mint.headers("coordinator")
    listed = (await client.get("/api/v1/extensions?status=pending", headers=headers)).json()["items"]
    overview = (await client.get("/api/v1/deadlines/situation?region=46", headers=headers)).json()["overview"]
    assert overview["extensions_pending"] == len(listed)
    return [item["id"] for item in listed]


async def test_a_request_ends_with_the_question(client: Client, mint: Any, sla: Any) -> None:
    appeal, extension = Appeal(received_at=now() - days(10)), uuid7()
    await deliver(
        sla, appeal.registered(), appeal.created(), appeal.extension(now() - days(2), 10, extension)
    )
    assert await _waiting(client, mint) == [str(extension)]
    await deliver(sla, appeal.answered(now() - days(1)))
    assert await _waiting(client, mint) == []
    body = {"decision": "refuse", "reason": "Уже отвечено"}
    headers = mint.headers("coordinator")
    refused = await client.post(f"/api/v1/extensions/{extension}/decision", json=body, headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/extension-not-possible")
    assert await said(sla, "extension.decided", appeal) == []
    await deliver(sla, appeal.reopened(now()))
    assert await _waiting(client, mint) == [], "another answer is awaited now"


@pytest.mark.parametrize("seed", range(3))
async def test_a_request_goes_with_the_question_inside_a_level(
    client: Client, mint: Any, sla: Any, seed: int
) -> None:
    appeal, down, extension = Appeal(received_at=now() - days(10)), uuid7(), uuid7()
    handed_at = now() - days(1)
    events = [
        appeal.registered(),
        appeal.created(),
        appeal.extension(now() - days(2), 10, extension),
        appeal.redirected(handed_at, down),
        appeal.created(
            OTHER, handed_at, assignment_id=down, predecessor_id=appeal.assignment, within_level=True
        ),
    ]
    for event in random.Random(seed).sample(events, len(events)):
        await deliver(sla, event)
    assert await _waiting(client, mint) == [str(extension)]


async def test_nobody_is_asked_about_what_was_removed(client: Client, mint: Any, sla: Any) -> None:
    appeal = Appeal(received_at=now() - days(10))
    await deliver(sla, appeal.registered(), appeal.created(), appeal.extension(now() - days(2)))
    removed = AppealsRemoved(region="46", import_id=uuid7(), appeal_ids=(appeal.id,), removed_at=now())
    async with sla.begin() as session:
        await purge_appeals(session, [removed])
    await deliver(sla, appeal.extension(now() - days(1)))
    assert await _waiting(client, mint) == []
    assert await rows(sla, "SELECT 1 FROM sla.extension WHERE appeal_id = :id", id=appeal.id) == []
