"""Policies over HTTP: changed from now on, narrower ones, dry runs."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import text
from uuid_utils.compat import uuid7

from contracts import routing
from tests.sla.events import OTHER, Appeal, clocks_of, days, deliver, now, rows

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
    tables = ("policy", "journal", "clock", "outbox", "timer", "region_version")
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


async def test_every_policy_can_be_sent_back_as_it_was_read(client: Client, mint: Any) -> None:
    admin = mint.headers("admin")
    nameless = {
        "region": "46",
        "regime": "message",
        "clock": "react",
        "topic": "pits",
        "term": {"minutes": 90},
    }
    assert (await client.post("/api/v1/policies", json=nameless, headers=admin)).status_code == 201
    items = (await client.get("/api/v1/policies?region=46", headers=admin)).json()["items"]
    assert len(items) > 10
    for item in items:
        headers = {**admin, "If-Match": str(item["version"])}
        path = f"/api/v1/policies/{item['id']}"
        started = now()
        back = await client.put(path, json={**item, "max_extension_days": 7}, headers=headers)
        assert back.status_code == 200, (item, back.text)
        after = back.json()
        assert after["valid_from"] >= started.isoformat()[:19], "from now on"
        assert {**after, "version": 0, "valid_from": ""} == {
            **item, "version": 0, "valid_from": "", "max_extension_days": 7,
        }  # fmt: skip


async def test_the_dates_of_the_version_read_come_back_and_no_other_past(client: Client, mint: Any) -> None:
    admin = mint.headers("admin")
    policy = await answer_policy(client, admin)
    path, headers = f"/api/v1/policies/{policy['id']}", {**admin, "If-Match": "1"}
    for wrong in ("2006-11-03T00:00:00Z", "2020-01-01T00:00:00Z"):
        refused = await client.put(path, json={**policy, "valid_from": wrong}, headers=headers)
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/invalid")
    second = (await client.put(path, json=policy, headers=headers)).json()
    cut = second["valid_from"][:19] + "+00:00"  # as clients without fractions of a second send it back
    third = await client.put(path, json={**second, "valid_from": cut}, headers={**admin, "If-Match": "2"})
    assert third.status_code == 200, third.text
    ahead = (now() + days(30)).replace(microsecond=0).isoformat()
    planned = await client.put(
        path, json={**third.json(), "valid_from": ahead}, headers={**admin, "If-Match": "3"}
    )
    again = await client.put(path, json=planned.json(), headers={**admin, "If-Match": "4"})
    assert again.json()["valid_from"] == planned.json()["valid_from"], "what is planned stays planned"


async def test_a_policy_that_has_ended_can_be_put_back(client: Client, mint: Any, sla: Any) -> None:
    admin = mint.headers("admin")
    soon = (now() + days(1)).isoformat()
    body = {
        "region": "46", "regime": "message", "clock": "answer", "topic": "pits", "valid_to": soon,
        "term": {"days": 5, "unit": "working_day"},
    }  # fmt: skip
    made = (await client.post("/api/v1/policies", json=body, headers=admin)).json()
    past = {"valid_from": "2020-01-01T00:00:00+00:00", "valid_to": "2021-01-01T00:00:00+00:00"}
    async with sla.begin() as session:
        await session.execute(
            text("UPDATE sla.policy SET data = data || CAST(:past AS jsonb) WHERE policy_id = :id"),
            {"past": json.dumps(past), "id": made["id"]},
        )
        await session.execute(text("UPDATE sla.region_version SET version = version + 1"))
    items = (await client.get("/api/v1/policies?region=46", headers=admin)).json()["items"]
    ended = next(item for item in items if item["id"] == made["id"])
    assert ended["valid_to"][:4] == "2021"
    headers = {**admin, "If-Match": "1"}
    back = await client.put(
        f"/api/v1/policies/{made['id']}", json={**ended, "name": "Прежний"}, headers=headers
    )
    assert (back.status_code, back.json()["valid_to"]) == (200, ended["valid_to"]), back.text
    appeal = Appeal()
    await deliver(sla, appeal.registered(), appeal.created())
    clock = (await clocks_of(sla, appeal))["one:answer:1"]
    assert str(clock["policy_id"]) != made["id"], "it has ended all the same"


async def test_policies_are_read_page_by_page(client: Client, mint: Any) -> None:
    admin = mint.headers("admin")
    whole = (await client.get("/api/v1/policies?region=46", headers=admin)).json()["items"]
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await client.get(f"/api/v1/policies?region=46&limit=5&cursor={cursor}", headers=admin)).json()
        found += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert found == [item["id"] for item in whole]


async def changed(client: Client, mint: Any, policy: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The next version of a policy."""
    headers = {**mint.headers("admin"), "If-Match": str(policy["version"])}
    answer = await client.put(f"/api/v1/policies/{policy['id']}", json={**policy, **changes}, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_policy_that_is_applied_again_moves_no_clock_of_another_policy(
    client: Client, mint: Any, sla: Any
) -> None:
    """An appeal of two questions: the policy of the one was changed for what comes, that of the other for all that runs."""
    admin, unit = mint.headers("admin"), {"unit": "working_day"}
    pits = {
        "region": "46",
        "regime": "message",
        "clock": "answer",
        "topic": "pits",
        "term": {"days": 9, **unit},
    }
    of_pits = (await client.post("/api/v1/policies", json=pits, headers=admin)).json()
    appeal = Appeal()
    lamps = routing.TopicName(code="lamps", name="Свет", group="light", group_name="Свет")
    helper = Appeal(appeal.received_at, id=appeal.id)
    helping = helper.created(OTHER, topic=lamps, role="co_executor")
    await deliver(sla, appeal.registered(), appeal.created(), helping)

    async def versions() -> list[tuple[str, int]]:
        clocks = await clocks_of(sla, appeal)
        found = [clocks["one:answer:1"], clocks[f"{helper.assignment}:answer:1"]]
        return [(str(clock["policy_id"]), clock["policy_version"]) for clock in found]

    general = await answer_policy(client, mint.headers("admin"))
    assert await versions() == [(of_pits["id"], 1), (general["id"], 1)]
    await changed(client, mint, general, term={"days": 3, **unit})
    await changed(client, mint, of_pits, term={"days": 8, **unit}, reapply=True)
    await deliver(sla, helper.accepted(now()))
    assert await versions() == [(of_pits["id"], 2), (general["id"], 1)]


async def test_the_term_of_a_final_answer_can_be_applied_again(client: Client, mint: Any, sla: Any) -> None:
    appeal = Appeal(received_at=now() - days(2))
    await deliver(sla, appeal.registered(), appeal.created(), appeal.interim(now() - days(1)))
    items = (await client.get("/api/v1/policies?region=46", headers=mint.headers("admin"))).json()["items"]
    policy = next(item for item in items if item["case"] == "after_interim")
    assert (await clocks_of(sla, appeal))["one:answer:1"]["policy_version"] == 1
    longer = await changed(client, mint, policy, term={"days": 12, "unit": "working_day"})
    kept = (await clocks_of(sla, appeal))["one:answer:1"]
    assert (str(kept["policy_id"]), kept["policy_version"]) == (policy["id"], 1)
    await changed(client, mint, longer, term={"days": 15, "unit": "working_day"}, reapply=True)
    moved = (await clocks_of(sla, appeal))["one:answer:1"]
    assert (str(moved["policy_id"]), moved["policy_version"]) == (policy["id"], 3)
    assert moved["due_at"] > kept["due_at"]
