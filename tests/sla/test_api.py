"""The HTTP contract of deadlines: arithmetic, lists, access, decisions."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from uuid_utils.compat import uuid7

from contracts.territories import REGIONS
from services.sla.handlers.redatings import redate_for_ever
from services.sla.rules.replays import recompute
from tests.conftest import worker_sessions
from tests.sla.events import BODY, OTHER, Appeal, clocks_of, days, deliver, fire, now, rows, said

Client = Any
CALENDAR = "calendar_day"


# Preview

VECTORS = [
    ("2026-11-21", 30, "2026-12-21", "2026-12-21", "2026-12-21"),
    ("2026-12-03", 30, "2027-01-02", "2026-12-30", "2027-01-11"),
    ("2027-01-22", 30, "2027-02-21", "2027-02-20", "2027-02-24"),
    ("2027-04-02", 30, "2027-05-02", "2027-04-30", "2027-05-04"),
    ("2025-04-08", 30, "2025-05-08", "2025-05-07", "2025-05-12"),
    ("2024-10-03", 30, "2024-11-02", "2024-11-02", "2024-11-02"),
    ("2027-02-15", 7, "2027-02-22", "2027-02-20", "2027-02-24"),
    ("2026-12-30", 3, "2027-01-02", "2026-12-30", "2027-01-11"),
    ("2026-11-02", 60, "2027-01-01", "2026-12-30", "2027-01-11"),
]


async def test_the_vectors_of_the_law(client: Client, mint: Any) -> None:
    headers = mint.headers("portal")
    for start, length, raw, previous, following in VECTORS:
        for rule, expected in (("previous", previous), ("next", following), ("none", raw), (None, raw)):
            body = {
                "region": "46",
                "start": f"{start}T10:00:00+03:00",
                "term": {"days": length, "unit": CALENDAR},
                **({"weekend_rule": rule} if rule else {}),
            }
            answer = await client.post("/api/v1/deadlines/preview", json=body, headers=headers)
            assert answer.status_code == 200, answer.text
            found = answer.json()
            assert (found["due_on"], found["due_at"]) == (expected, f"{expected}T23:59:59+03:00")
            assert recompute(found["explanation"]) == datetime.fromisoformat(found["due_at"])
            assert all(step["text"] for step in found["explanation"])


async def test_any_region_in_its_own_zone_and_every_unit(client: Client, mint: Any) -> None:
    headers = mint.headers("federal", ["*"])
    terms = [
        {"days": 3, "unit": "working_day"},
        {"hours": 8, "unit": "working_hour"},
        {"hours": 24, "unit": "calendar_hour"},
        {"minutes": 45},
    ]
    for region in REGIONS:
        for term in terms:
            body = {"region": region, "start": "2026-12-30T20:00:00Z", "term": term}
            answer = await client.post("/api/v1/deadlines/preview", json=body, headers=headers)
            assert answer.status_code == 200, answer.text
    body = {"region": "14", "start": "2026-12-01T20:00:00Z", "term": terms[0], "municipality": "98646101"}
    found = (await client.post("/api/v1/deadlines/preview", json=body, headers=headers)).json()
    assert found["due_at"].endswith("+11:00")


async def test_a_pause_moves_a_preview(client: Client, mint: Any) -> None:
    body = {
        "region": "46", "start": "2026-09-01T10:00:00+03:00", "term": {"days": 30, "unit": CALENDAR},
        "pauses": [{"from": "2026-09-07T15:00:00+03:00", "to": "2026-09-14T09:00:00+03:00"}],
    }  # fmt: skip
    answer = await client.post("/api/v1/deadlines/preview", json=body, headers=mint.headers("analyst"))
    assert answer.json()["due_on"] == "2026-10-08"


NONSENSE: list[dict[str, Any]] = [
    {"region": "00"},
    {"region": "46\u0000"},
    {"start": "2026-12-03T10:00:00"},
    {"start": "0001-01-01T00:00:00+14:00"},
    {"start": "9999-12-31T23:59:59-12:00"},
    {"start": 1e308},
    {"start": "1950-01-01T00:00:00Z"},
    {"term": {"days": 30}},
    {"term": {"days": True, "unit": CALENDAR}},
    {"term": {"days": 10**400, "unit": CALENDAR}},
    {"term": {"days": 9999, "unit": CALENDAR}},
    {"term": {"days": 3, "hours": 3, "unit": CALENDAR}},
    {"term": {"minutes": 1.5}},
    {"weekend_rule": "sometimes"},
    {"pauses": [{"from": "2026-12-05T00:00:00Z", "to": "2026-12-04T00:00:00Z"}]},
    {
        "pauses": [{"from": "1993-12-05T00:00:00Z", "to": "2200-12-04T00:00:00Z"}],
        "term": {"days": 3, "unit": "working_day"},
    },
    {"municipality": "\ud800"},
]


async def test_nonsense_is_422(client: Client, mint: Any) -> None:
    body = {
        "region": "46", "start": "2026-12-03T10:00:00+03:00", "term": {"days": 30, "unit": CALENDAR},
        "weekend_rule": "previous", "pauses": [],
    }  # fmt: skip
    headers = {**mint.headers("portal"), "Content-Type": "application/json"}
    for change in NONSENSE:
        content = json.dumps(body | change)
        answer = await client.post("/api/v1/deadlines/preview", content=content, headers=headers)
        assert answer.status_code == 422, (change, answer.text)
        assert answer.headers["content-type"].startswith("application/problem+json")


async def test_a_preview_stores_nothing(client: Client, mint: Any, sla: Any) -> None:
    body = {"region": "46", "start": "2026-12-03T10:00:00+03:00", "term": {"minutes": 5}}
    assert (await client.post("/api/v1/deadlines/preview", json=body)).status_code == 401
    await client.post("/api/v1/deadlines/preview", json=body, headers=mint.headers("portal"))
    for table in ("appeal", "clock", "outbox"):
        assert await rows(sla, f"SELECT 1 FROM sla.{table}") == []


# Lists and who sees them


async def test_everybody_sees_the_same_item_and_nobody_more_than_theirs(
    client: Client, mint: Any, sla: Any
) -> None:
    appeal = Appeal(client_id="client-portal")
    await deliver(sla, appeal.registered(), appeal.created())
    path = f"/api/v1/appeals/{appeal.id}/deadlines"
    seen = (await client.get(path, headers=mint.headers("coordinator"))).json()["items"]
    assert {(item["clock"], item["state"]) for item in seen} == {
        ("answer", "running"),
        ("react", "running"),
    }
    for headers in (
        mint.headers("portal"),
        mint.headers("agency", organisation=BODY.id),
        mint.headers("analyst"),
    ):
        assert (await client.get(path, headers=headers)).json()["items"] == seen
    for headers in (mint.headers("portal", client="another"), mint.headers("agency", organisation=OTHER.id)):
        assert (await client.get(path, headers=headers)).status_code == 404
    assert (await client.get(path, headers=mint.headers("coordinator", ["59"]))).status_code == 404
    assert (await client.get(path, headers=mint.headers("federal", ["*"]))).status_code == 403
    unknown = f"/api/v1/appeals/{uuid7()}/deadlines"
    assert (await client.get(unknown, headers=mint.headers("coordinator"))).status_code == 404
    listed = await client.get(
        "/api/v1/deadlines?state=running", headers=mint.headers("agency", organisation=BODY.id)
    )
    assert {item["clock"] for item in listed.json()["items"]} == {"answer", "react"}
    answer = next(item for item in seen if item["clock"] == "answer" and item["assignment_id"])
    assert answer in listed.json()["items"]
    (told,) = [
        reading
        for event in await said(sla, "deadline.set", appeal)
        for reading in event["data"]["clocks"]
        if event["subject"] == str(appeal.assignment) and reading["clock"] == "answer"
    ]
    assert told["reason"] == answer["reason"]


async def test_pages_follow_the_due_time(client: Client, mint: Any, sla: Any) -> None:
    appeals = [Appeal(received_at=now() - days(number)) for number in range(12)]
    await deliver(sla, *[event for a in appeals for event in (a.registered(), a.created())])
    await deliver(sla, appeals[3].asked(now()))
    headers = mint.headers("coordinator")
    found: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        page = (await client.get(f"/api/v1/deadlines?limit=7&cursor={cursor}", headers=headers)).json()
        found += page["items"]
        cursor = page["next_cursor"]
    assert len(found) == 24
    assert len({(i["appeal_id"], i["assignment_id"], i["clock"], i["cycle"]) for i in found}) == 24
    dues = [item["due_at"] or "9999" for item in found]
    assert dues == sorted(dues)
    before = (now() + days(25)).isoformat().replace("+", "%2B")
    early = (
        await client.get(f"/api/v1/deadlines?state=running&due_before={before}&limit=1000", headers=headers)
    ).json()
    assert early["items"]
    assert all(datetime.fromisoformat(i["due_at"]) < now() + days(25) for i in early["items"])
    everywhere = await client.get("/api/v1/deadlines?limit=1000", headers=mint.headers("admin", ["*"]))
    assert len(everywhere.json()["items"]) == 24
    assert (await client.get("/api/v1/deadlines?cursor=abc", headers=headers)).status_code == 400
    assert (await client.get("/api/v1/deadlines?region=59", headers=headers)).status_code == 403
    other = mint.headers("agency", organisation=OTHER.id)
    assert (await client.get("/api/v1/deadlines", headers=other)).json()["items"] == []
    assert (await client.get(f"/api/v1/deadlines?organisation={BODY.id}", headers=other)).status_code == 403
    bodys = await client.get(f"/api/v1/deadlines?organisation={BODY.id}&limit=1000", headers=headers)
    assert len(bodys.json()["items"]) == 24
    assert (await client.get("/api/v1/deadlines?due_before=soon", headers=headers)).status_code == 422


async def test_punctuality_has_a_minimum_sample(client: Client, mint: Any, sla: Any) -> None:
    kept = [Appeal(received_at=now() - days(20)) for _ in range(3)]
    late = Appeal(received_at=now() - days(40))
    single = Appeal(received_at=now() - days(20))
    await deliver(sla, *[e for a in kept for e in (a.registered(), a.created(), a.answered(now() - days(1)))])
    await deliver(sla, late.registered(), late.created(), late.answered(now() - days(1)))
    await deliver(sla, single.registered(), single.created(OTHER), single.answered(now() - days(1)))
    headers = mint.headers("coordinator")
    table = (await client.get("/api/v1/deadlines/punctuality?region=46", headers=headers)).json()
    assert table["minimum_sample"] == 2
    found = {item["organisation_id"]: item for item in table["items"]}
    assert found[str(BODY.id)] == {
        "organisation_id": str(BODY.id), "measured": 4, "in_time": 3, "late": 1, "share": 0.75, "enough": True,
    }  # fmt: skip
    assert (found[str(OTHER.id)]["share"], found[str(OTHER.id)]["enough"]) == (None, False)
    own = await client.get(
        "/api/v1/deadlines/punctuality?region=46", headers=mint.headers("agency", organisation=OTHER.id)
    )
    assert [item["organisation_id"] for item in own.json()["items"]] == [str(OTHER.id)]
    overview = (await client.get("/api/v1/deadlines/overview?region=46", headers=headers)).json()
    assert overview["due_soon"] == 0
    # A breach that a late event disproves leaves the figures, too.
    running = Appeal(received_at=now() - days(50))
    await deliver(sla, running.registered(), running.created(OTHER))
    overview = (await client.get("/api/v1/deadlines/overview?region=46", headers=headers)).json()
    assert {item["organisation_id"]: item["count"] for item in overview["overdue"]} == {str(OTHER.id): 2}
    await deliver(sla, running.answered(now() - days(45)))
    table = (await client.get("/api/v1/deadlines/punctuality?region=46", headers=headers)).json()
    found = {item["organisation_id"]: item for item in table["items"]}
    assert (found[str(OTHER.id)]["in_time"], found[str(OTHER.id)]["late"]) == (2, 0)


async def test_escalations_are_a_feed(client: Client, mint: Any, sla: Any) -> None:
    headers = mint.headers("coordinator")
    empty = (await client.get("/api/v1/escalations", headers=headers)).json()
    assert empty["items"] == []
    assert empty["next_cursor"]
    appeal = Appeal(received_at=now() - days(40))
    await deliver(sla, appeal.registered(), appeal.created())
    await fire(sla)
    cursor, found = empty["next_cursor"], []
    while page := (await client.get(f"/api/v1/escalations?limit=3&cursor={cursor}", headers=headers)).json():
        found += page["items"]
        cursor = page["next_cursor"]
        if not page["items"]:
            break
    assert {(item["clock"], item["kind"]) for item in found} >= {
        ("answer", "breach"),
        ("answer", "escalation"),
    }
    assert all(item["fired_at"] >= item["due_for_firing_at"] for item in found)
    agency = mint.headers("agency", organisation=OTHER.id)
    assert (await client.get("/api/v1/escalations", headers=agency)).json()["items"] == []
    assert (await client.get("/api/v1/escalations?region=59", headers=headers)).status_code == 403


# Extensions


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


# Policies


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


# Calendars and settings


async def test_an_edited_calendar_redates_running_clocks_and_tells_why(
    client: Client, mint: Any, sla: Any
) -> None:
    admin = mint.headers("admin")
    appeal, answered = Appeal(received_at=now() - days(3)), Appeal(received_at=now() - days(3))
    await deliver(
        sla, *[event for each in (appeal, answered) for event in (each.registered(), each.created())]
    )
    await deliver(sla, answered.answered(now() - days(1)))
    before = (await clocks_of(sla, appeal))["one:answer:1"]
    kept = (await clocks_of(sla, answered))["one:answer:1"]
    calendar = (await client.get("/api/v1/calendars/46", headers=mint.headers("coordinator"))).json()
    assert (calendar["version"], calendar["zone"], calendar["settled"]) == (1, "Europe/Moscow", True)
    off = [(before["due_on"] - timedelta(days=shift)).isoformat() for shift in range(3)]
    body = {"days_off": [{"date": day, "reason": "День региона"} for day in off], "note": "указ губернатора"}
    path = "/api/v1/calendars/46"
    assert (await client.put(path, json=body, headers=admin)).status_code == 428
    assert (await client.put(path, json=body, headers={**admin, "If-Match": "9"})).status_code == 412
    edited = await client.put(path, json=body, headers={**admin, "If-Match": "1"})
    assert edited.status_code == 200, edited.text
    assert (edited.json()["version"], edited.json()["settled"]) == (2, True)
    after = (await clocks_of(sla, appeal))["one:answer:1"]
    assert after["due_at"] < before["due_at"] - days(2)
    assert "производственный календарь (версия 1 → 2)" in after["reason"]
    assert after["calendar_version"] == 2
    assert (await clocks_of(sla, answered))["one:answer:1"] == kept, "what has ended stays"
    (timer,) = await rows(
        sla, "SELECT due_at, version FROM sla.timer WHERE appeal_id = :id AND clock = 'answer' AND state = 'armed'",
        id=appeal.id,
    )  # fmt: skip
    assert (timer["due_at"], timer["version"]) == (after["due_at"], after["version"])
    wrongs: tuple[dict[str, Any], ...] = (
        {"days_off": [{"date": "2026-02-30"}]}, {"zones": {"46": "Mars/Olympus"}}, {"zones": {"x": "Europe/Moscow"}},
        {"office_hours": {"mon": [["18:00", "09:00"]]}}, {"office_hours": {}}, {"short_days": [{"date": "2026-12-01", "hours": [["09:00"]]}]},
        {"days_off": [{"date": "1901-01-01"}]},
    )  # fmt: skip
    for wrong in wrongs:
        answer = await client.put(path, json=wrong, headers={**admin, "If-Match": "2"})
        assert answer.status_code == 422, (wrong, answer.text)


async def test_a_body_has_office_hours_of_its_own(client: Client, mint: Any, sla: Any) -> None:
    admin = mint.headers("admin")
    received = datetime(2026, 11, 16, 7, 0, tzinfo=UTC)  # Monday, 10:00 in Kursk
    own, other = Appeal(received_at=received), Appeal(received_at=received)
    day = [["08:00", "12:00"]]
    week = {"office_hours": {"mon": day, "tue": day, "wed": day, "thu": day, "fri": day}}
    answer = await client.put(
        f"/api/v1/calendars/46/organisations/{BODY.id}", json=week, headers={**admin, "If-Match": "1"}
    )
    assert answer.status_code == 200, answer.text
    assert [item["organisation_id"] for item in answer.json()["organisations"]] == [str(BODY.id)]
    await deliver(sla, own.registered(), own.created(), other.registered(), other.created(OTHER))
    mine, theirs = (await clocks_of(sla, own))["one:react:1"], (await clocks_of(sla, other))["one:react:1"]
    # 8 working hours from Monday 10:00: two, four and two till Wednesday 10:00, or seven and one.
    # Clocks that have ended would keep the calendar of their time; these still run.
    assert mine["due_at"] != theirs["due_at"]
    assert mine["due_at"] == datetime(2026, 11, 18, 7, 0, tzinfo=UTC)
    assert theirs["due_at"] == datetime(2026, 11, 17, 7, 0, tzinfo=UTC)


async def test_the_ladder_is_a_regions_own(client: Client, mint: Any, sla: Any) -> None:
    admin = mint.headers("admin")
    path = "/api/v1/settings/46/sla"
    shown = (await client.get(path, headers=admin)).json()
    assert (shown["version"], shown["minimum_sample"]) == (1, 2)
    appeal = Appeal(received_at=now() - days(3))
    await deliver(sla, appeal.registered(), appeal.created())
    ladder = shown["ladder"]
    ladder["message"] = [
        {"level": 1, "kind": "reminder", "whom": "head", "share": 0.05},
        {"level": 2, "kind": "breach", "whom": "executor"},
        {"level": 3, "kind": "escalation", "whom": "federal", "after": {"days": 1, "unit": "working_day"}},
    ]
    body = {"ladder": ladder, "minimum_sample": 5, "due_soon_hours": 24}
    changed = await client.put(path, json=body, headers={**admin, "If-Match": "1"})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["version"], changed.json()["minimum_sample"]) == (2, 5)
    await fire(sla)
    (reminder,) = [
        e["data"] for e in await said(sla, "deadline.reminded", appeal) if e["data"]["clock"] == "answer"
    ]
    assert (reminder["level"], reminder["whom"]) == ("1", "head")
    without = {**body, "ladder": {**ladder, "message": ladder["message"][:1]}}
    assert (await client.put(path, json=without, headers={**admin, "If-Match": "2"})).status_code == 422
    assert (await client.put(path, json=body, headers={**admin, "If-Match": "1"})).status_code == 412
    assert (await client.get(path, headers=mint.headers("coordinator"))).status_code == 403


# Operations


async def test_a_rebuild_from_the_journals_gives_the_same_clocks(
    client: Client, mint: Any, service: Any
) -> None:
    sla = worker_sessions(service[1])
    appeals = [Appeal(received_at=now() - days(5 * number)) for number in range(12)]
    for number, appeal in enumerate(appeals):
        await deliver(sla, appeal.registered(), appeal.created())
        if number % 3 == 0:
            await deliver(sla, appeal.answered(now() - days(number)))
    await fire(sla)
    columns = (
        "appeal_id, assignment_id, clock, cycle, organisation_id, lead, started_at, due_at, state, met_at, ended_at, "
        "policy_id, policy_version, calendar_version, explanation::text"
    )
    read = f"SELECT {columns} FROM sla.clock ORDER BY 1, 2, 3, 4"
    before, said_before = await rows(sla, read), len(await said(sla, "breached"))
    admin = mint.headers("admin", ["*"])
    ids = [str(appeal.id) for appeal in appeals]
    answer = await client.post("/api/v1/operations/sla/rebuild", json={"appeal_ids": ids}, headers=admin)
    assert answer.json() == {"appeals": 12, "changed": 0, "queued": []}
    from sqlalchemy import text

    async with sla.begin() as session:
        await session.execute(text("DELETE FROM sla.clock"))
    answer = await client.post("/api/v1/operations/sla/rebuild", json={"regions": ["46"]}, headers=admin)
    assert answer.json()["queued"] == ["46"]
    await _work_through(service[1])
    assert await rows(sla, read) == before
    assert len(await said(sla, "breached")) == said_before
    denied = await client.post(
        "/api/v1/operations/sla/rebuild", json={"all": True}, headers=mint.headers("coordinator")
    )
    assert denied.status_code == 403
    assert (await client.post("/api/v1/operations/sla/rebuild", json={}, headers=admin)).status_code == 422


async def _work_through(app: Any) -> None:
    import asyncio
    import contextlib

    from tests.waiting import eventually

    sla = worker_sessions(app)

    async def done() -> bool:
        return not await rows(sla, "SELECT 1 FROM sla.redating")

    task = asyncio.create_task(redate_for_ever(app))
    try:
        await eventually(done, 20)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_a_large_redating_is_worked_through_in_the_background(
    client: Client, mint: Any, service: Any
) -> None:
    sla = worker_sessions(service[1])
    appeals = [Appeal(received_at=now() - days(2)) for _ in range(230)]
    await deliver(sla, *[event for a in appeals for event in (a.registered(), a.created())])
    due_on = (await clocks_of(sla, appeals[0]))["one:answer:1"]["due_on"]
    body = {"days_off": [{"date": due_on.isoformat(), "reason": "Праздник"}]}
    edited = await client.put(
        "/api/v1/calendars/46", json=body, headers={**mint.headers("admin"), "If-Match": "1"}
    )
    assert edited.json()["settled"] is False
    await _work_through(service[1])
    (row,) = await rows(
        sla,
        "SELECT count(*) AS n, count(DISTINCT due_at) AS dues FROM sla.clock WHERE clock = 'answer' "
        "AND state = 'running' AND calendar_version = 2",
    )
    assert (row["n"], row["dues"]) == (230, 1)


async def test_no_appeal_is_left_out_of_a_redating_for_a_full_disk(
    client: Client, mint: Any, service: Any, database: Any
) -> None:
    """A statement that finds no room says nothing of the appeal: the work is given up and begun again later."""
    sla = worker_sessions(service[1])
    appeal = Appeal(received_at=now() - days(2))
    await deliver(sla, appeal.registered(), appeal.created())
    rebuild = {"regions": ["46"]}
    await client.post("/api/v1/operations/sla/rebuild", json=rebuild, headers=mint.headers("admin", ["*"]))
    read = "SELECT attempts FROM sla.redating"
    queued = await rows(sla, read)
    assert queued
    owner = await asyncpg.connect(database.dsn())
    await owner.execute(
        "CREATE FUNCTION public.no_room() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END $$;"
        "CREATE TRIGGER no_room BEFORE UPDATE OR DELETE ON sla.redating EXECUTE FUNCTION public.no_room()"
    )
    with pytest.raises(Exception, match="no room"):
        await redate_for_ever(service[1])
    await owner.execute("DROP TRIGGER no_room ON sla.redating")
    assert await rows(sla, read) == queued
    await owner.close()
    await _work_through(service[1])


async def test_counts_for_the_operator(client: Client, mint: Any, sla: Any) -> None:
    appeal = Appeal()
    await deliver(sla, appeal.registered(), appeal.created())
    answer = await client.get("/api/v1/operations/sla/counts", headers=mint.headers("admin", ["*"]))
    own = {"appeals": 1, "assignments": 1, "clocks": 2, "timers": 2, "said": 0}
    assert answer.json()["counts"] == {**own, "feed": 0, "feed_readable": 0}


async def test_models_and_migrations_agree(database: Any) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy.ext.asyncio import create_async_engine

    from chassis.migrations import _PARTITION
    from services.sla.models import metadata

    def compare(connection: Any) -> list[Any]:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: name == "sla" if kind == "schema" else True,
                "include_object": lambda _, name, kind, reflected, __: (
                    not (
                        kind == "table"
                        and reflected
                        and (_PARTITION.search(name or "") or name == "alembic_version")
                    )
                ),
                "compare_type": True,
            },
        )
        return list(compare_metadata(context, metadata))

    engine = create_async_engine(database.url("sla_owner"))
    async with engine.connect() as connection:
        assert await connection.run_sync(compare) == []
    await engine.dispose()
