"""Policies over HTTP: changed from now on, narrower ones, dry runs."""

from __future__ import annotations

from typing import Any

from uuid_utils.compat import uuid7

from tests.sla.events import Appeal, clocks_of, days, deliver, now, rows

Client = Any


CALENDAR = "calendar_day"


async def answer_policy(client: Client, headers: Any, regime: str = "message") -> dict[str, Any]:
    items = (await client.get("/api/v1/policies?region=46", headers=headers)).json()["items"]
    found: dict[str, Any] = next(
        item for item in items if (item["regime"], item["clock"], item["case"]) == (regime, "answer", None)
    )
    return found


async def test_a_policy_changes_from_now_on_and_running_clocks_keep_theirs(
    client: Client, mint: Any, sla: Any
) -> None:
    admin = mint.headers("admin")
    running = Appeal(received_at=now() - days(2))
    await deliver(sla, running.registered(), running.created())
    policy = await answer_policy(client, admin)
    assert policy["version"] == 1
    path = f"/api/v1/policies/{policy['id']}"
    body = {
        "regime": "message", "clock": "answer", "term": {"days": 10, "unit": "working_day"}, "name": "Быстрее",
        "max_extension_days": 30, "pauses": ["clarification"],
    }  # fmt: skip
    assert (await client.put(path, json=body, headers=admin)).status_code == 428
    assert (await client.put(path, json=body, headers={**admin, "If-Match": "7"})).status_code == 412
    region59 = {**mint.headers("admin", ["59"]), "If-Match": "1"}
    assert (await client.put(path, json=body, headers=region59)).status_code == 404
    changed = await client.put(path, json=body, headers={**admin, "If-Match": "1"})
    assert changed.status_code == 200, changed.text
    assert changed.json()["version"] == 2
    fresh = Appeal()
    await deliver(sla, fresh.registered(), fresh.created(), running.accepted(now()))
    assert (await clocks_of(sla, running))["one:answer:1"]["policy_version"] == 1
    newer = (await clocks_of(sla, fresh))["one:answer:1"]
    assert (newer["policy_version"], str(newer["policy_id"])) == (2, policy["id"])
    assert "10 рабочих дней" in newer["reason"]
    again = await client.put(path, json={**body, "reapply": True}, headers={**admin, "If-Match": '"2"'})
    assert again.json()["version"] == 3
    moved = (await clocks_of(sla, running))["one:answer:1"]
    assert moved["policy_version"] == 3
    assert "применён регламент версии 3" in moved["reason"]
    facts = await rows(sla, "SELECT 1 FROM sla.journal WHERE kind = 'PolicyReapplied'")
    assert len(facts) == 2, "in the journals, so that a rebuild gives the same"
    assert (await answer_policy(client, admin))["version"] == 3


async def test_a_narrower_policy_wins_and_says_so(client: Client, mint: Any, sla: Any) -> None:
    admin = mint.headers("admin")
    body = {
        "region": "46", "regime": "message", "clock": "answer", "topic": "pits", "name": "Ямы",
        "term": {"days": 5, "unit": "working_day"},
    }  # fmt: skip
    created = await client.post("/api/v1/policies", json=body, headers={**admin, "Idempotency-Key": "p"})
    assert created.status_code == 201, created.text
    again = await client.post("/api/v1/policies", json=body, headers={**admin, "Idempotency-Key": "p"})
    assert again.json()["id"] == created.json()["id"]
    appeal = Appeal()
    await deliver(sla, appeal.registered(), appeal.created())
    clock = (await clocks_of(sla, appeal))["one:answer:1"]
    assert str(clock["policy_id"]) == created.json()["id"]
    assert "точнее, чем" in clock["explanation"][0]["text"]
    for change in (
        {"region": "00"}, {"region": "59"}, {"term": {"days": 0, "unit": "working_day"}}, {"topic": "a\u0000b"},
        {"valid_from": "2020-01-01T00:00:00Z"}, {"valid_to": "2020-01-01T00:00:00Z"}, {"clock": "sundial"},
    ):  # fmt: skip
        answer = await client.post("/api/v1/policies", json={**body, **change}, headers=admin)
        assert answer.status_code == (403 if change == {"region": "59"} else 422), (change, answer.text)
    assert (
        await client.post("/api/v1/policies", json=body, headers=mint.headers("coordinator"))
    ).status_code == 403
    assert (await client.put(f"/api/v1/policies/{uuid7()}", json=body, headers={**admin, "If-Match": "1"})).status_code == 404  # fmt: skip


async def test_a_dry_run_tells_what_would_change_and_stores_nothing(
    client: Client, mint: Any, sla: Any
) -> None:
    appeals = [Appeal(received_at=now() - days(20)) for _ in range(10)]
    for number, appeal in enumerate(appeals):
        await deliver(sla, appeal.registered(), appeal.created(), appeal.answered(now() - days(19 - number)))
    policy = await answer_policy(client, mint.headers("admin"))
    body = {
        "region": "46", "policy_id": policy["id"], "days": 30,
        "policy": {"regime": "message", "clock": "answer", "term": {"days": 5, "unit": CALENDAR}, "weekend_rule": "none"},
    }  # fmt: skip
    tables = ("policy", "journal", "clock", "outbox", "timer", "catalogue")
    before = [await rows(sla, f"SELECT * FROM sla.{table} ORDER BY 1, 2") for table in tables]
    answer = await client.post("/api/v1/policies/dry-run", json=body, headers=mint.headers("admin"))
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["appeals"], found["changed"], found["earlier"], found["complete"]) == (10, 10, 10, True)
    assert found["before"]["in_time_share"] == 1.0
    assert 0.2 <= found["after"]["in_time_share"] <= 0.6
    assert len(found["examples"]) == 10
    assert [await rows(sla, f"SELECT * FROM sla.{table} ORDER BY 1, 2") for table in tables] == before
    assert (
        await client.post("/api/v1/policies/dry-run", json=body, headers=mint.headers("coordinator"))
    ).status_code == 403
