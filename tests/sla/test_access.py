"""Closed by default: who sees nothing, what concerns all regions, whose clock is believed."""

from __future__ import annotations

import time
from typing import Any

from uuid_utils.compat import uuid7

from contracts.intake import ExtensionReasonMasked
from services.sla.extensions.actions import store_reasons
from tests.sla.events import Appeal, days, deliver, now

Client = Any


async def test_a_token_without_regions_sees_nothing(client: Client, mint: Any, sla: Any) -> None:
    """Closed by default: no regions are none, in every list."""
    appeal = Appeal()
    await deliver(sla, appeal.registered(), appeal.created(), appeal.extension(now() - days(1), 5, uuid7()))
    for role in ("coordinator", "admin"):
        nobody = mint.headers(role, [])
        for path in ("deadlines", "extensions", "escalations", "policies"):
            answer = await client.get(f"/api/v1/{path}", headers=nobody)
            assert (answer.status_code, answer.json()["items"]) == (200, []), (role, path)
        assert (await client.get(f"/api/v1/appeals/{appeal.id}/deadlines", headers=nobody)).status_code == 404
        assert (await client.get("/api/v1/deadlines?region=46", headers=nobody)).status_code == 403


async def test_what_concerns_all_regions_needs_a_token_for_all(client: Client, mint: Any) -> None:
    operations = "/api/v1/operations/sla"
    for method, path in (
        ("GET", "dead-letters"),
        ("POST", "dead-letters/retry"),
        ("POST", "replay"),
        ("GET", "backlog"),
        ("GET", "counts"),
    ):
        regional = await client.request(method, f"{operations}/{path}", headers=mint.headers("admin", ["46"]))
        national = await client.request(method, f"{operations}/{path}", headers=mint.headers("admin", ["*"]))
        assert (regional.status_code, national.status_code == 403) == (403, False), path


async def test_a_clock_that_is_a_little_ahead_is_believed_and_an_old_token_is_not(
    client: Client, mint: Any
) -> None:
    for claims, status in (
        ({"iat": 2}, 200),
        ({"iat": 50}, 200),
        ({"iat": 90}, 401),
        ({"exp": -1}, 401),
        ({"exp": -30}, 401),
    ):
        instants = {name: int(time.time()) + seconds for name, seconds in claims.items()}
        headers = mint.headers("coordinator", **instants)
        assert (await client.get("/api/v1/deadlines", headers=headers)).status_code == status, claims


async def test_no_answer_is_kept_on_the_way_and_no_redirect_is_built_from_our_name(
    client: Client, mint: Any
) -> None:
    headers = mint.headers("coordinator")
    for path in ("/api/v1/deadlines", "/api/v1/appeals/x/deadlines", "/api/v1/nothing"):
        assert (await client.get(path, headers=headers)).headers["cache-control"] == "no-store"
    answer = await client.get("/api/v1/deadlines/", headers={**headers, "Host": "evil.example"})
    assert answer.status_code == 404
    assert "location" not in answer.headers


async def test_a_municipal_centre_sees_deadlines_that_had_ended_when_they_were_first_counted(
    client: Client, mint: Any, sla: Any
) -> None:
    received_at = now() - days(2)
    here, there = Appeal(received_at=received_at), Appeal(received_at=received_at, municipality="38714000")
    for appeal in (here, there):
        answered = appeal.answered(received_at + days(1))
        await deliver(sla, appeal.registered(), appeal.created(), appeal.accepted(received_at), answered)
    centre = mint.headers("coordinator", municipalities=["38701000"])
    found = [
        await client.get(f"/api/v1/appeals/{each.id}/deadlines", headers=centre) for each in (here, there)
    ]
    assert [answer.status_code for answer in found] == [200, 404]


async def test_a_municipal_centre_marks_what_lies_in_its_municipality(
    client: Client, mint: Any, sla: Any
) -> None:
    centre, statuses = mint.headers("coordinator", municipalities=["38701000"]), []
    for municipality in ("38701000", "38714000"):
        appeal = Appeal(municipality=municipality)
        await deliver(sla, appeal.registered(), appeal.created())
        body = {"case": "fast_track", "applies": True, "reason": "Яма у школы"}
        path = f"/api/v1/appeals/{appeal.id}/deadlines/cases"
        statuses.append((await client.post(path, json=body, headers=centre)).status_code)
    assert statuses == [200, 404]


async def test_a_municipal_centre_marks_what_routing_has_found_to_lie_in_it(
    client: Client, mint: Any, sla: Any
) -> None:
    """Sent without a place and still in triage: the appeal's own clock of forwarding follows."""
    appeal = Appeal(regime="statutory", municipality=None, received_at=now() - days(1))
    await deliver(sla, appeal.registered(), appeal.created(None, municipality="38701000"))
    path = f"/api/v1/appeals/{appeal.id}/deadlines"
    centre = mint.headers("coordinator", municipalities=["38701000"])
    before = (await client.get(path, headers=centre)).json()["items"]
    body = {"case": "migration", "reason": "О гражданстве"}
    marked = await client.post(f"{path}/cases", json=body, headers=centre)
    assert marked.status_code == 200, marked.text
    due = [
        {each["clock"]: each["due_on"] for each in items if each["state"] == "running"}["forward"]
        for items in (before, marked.json()["items"])
    ]
    assert due[1] < due[0], "five days and not seven"


async def test_a_municipal_centre_reads_why_an_organisation_asks_for_more_days(
    client: Client, mint: Any, sla: Any
) -> None:
    """It decides about them, so it has to know; another centre learns nothing."""
    appeal, extension = Appeal(received_at=now() - days(2)), uuid7()
    asked = appeal.extension(now() - days(1), 5, extension)
    await deliver(sla, appeal.registered(), appeal.created(), asked)
    masked = ExtensionReasonMasked(
        region="46", appeal_id=appeal.id, extension_id=extension, reason="Ждём ответа Росреестра"
    )
    async with sla.begin() as session:
        await store_reasons(session, [masked])
    near, far = (mint.headers("coordinator", municipalities=[code]) for code in ("38701000", "38714000"))
    listed = [(await client.get("/api/v1/extensions", headers=each)).json()["items"] for each in (near, far)]
    assert [[item["reason"] for item in items] for items in listed] == [["Ждём ответа Росреестра"], []]
    body = {"decision": "approve", "reason": "Обоснованно"}
    path = f"/api/v1/extensions/{extension}/decision"
    assert (await client.post(path, json=body, headers=far)).status_code == 404
    decided = await client.post(path, json=body, headers=near)
    assert (decided.status_code, decided.json().get("reason")) == (200, "Ждём ответа Росреестра"), (
        decided.text
    )
