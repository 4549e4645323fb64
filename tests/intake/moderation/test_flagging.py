"""Flags that hold appeals, decisions on many, and objections of citizens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import orjson
import pytest
from sqlalchemy import text

from harness.payloads import read_payload
from harness.resources import worker_session
from services.intake.moderation.rules import flags
from tests.intake.conftest import OPEN, mask_all, post

SETTINGS = "/api/v1/settings/46/intake"
QUEUE = "/api/v1/moderation"
RUDE = "Заебали своими отписками, почините крышу на Союзной, 5"


async def hold(client: Any, mint: Any, *flags: str, version: int = 0) -> None:
    """The region holds appeals for these flags."""
    answer = await client.put(
        SETTINGS,
        json={"holding_flags": list(flags)},
        headers={**mint.headers("admin"), "If-Match": str(version)},
    )
    assert answer.status_code == 200, answer.text


async def waiting(client: Any, mint: Any, limit: int = 100, **claims: Any) -> list[dict[str, Any]]:
    """The moderators' list, page by page."""
    items: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        page = await client.get(
            QUEUE, params={"limit": limit, "cursor": cursor}, headers=mint.headers("coordinator", **claims)
        )
        items += page.json()["items"]
        cursor = page.json()["next_cursor"]
    return items


async def registered_on_moderation(app: Any) -> dict[str, bool]:
    """Of every appeal that was announced: whether others learn that it waits."""
    async with worker_session(app) as session:
        found = await session.execute(
            text("SELECT packed, payload FROM intake.outbox WHERE subject = 'intake.appeal.registered.v1'")
        )
        events = [read_json(row)["data"] for row in found.mappings()]
    return {event["appeal_id"]: event["on_moderation"] for event in events}


def read_json(row: Any) -> Any:
    """The event inside an outbox row."""
    return orjson.loads(read_payload(row))


async def test_a_text_that_a_rule_breaks_at_holds_up_nobody(
    app_client: Any, mint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits apart for a person; its neighbours are announced."""
    client, app = await app_client("intake")
    for words in ("Яма на дороге", RUDE, "Нет света"):
        await post(client, mint.headers("portal"), text=words)

    def break_down(folded: str, words: Sequence[str]) -> str | None:
        if "союзной" in folded:
            raise RecursionError
        return None

    monkeypatch.setattr(flags, "find_threat", break_down)
    await mask_all(app)
    assert len(await registered_on_moderation(app)) == 2
    async with worker_session(app) as session:
        problems = list(await session.scalars(text("SELECT problem FROM intake.masking_pending")))
    assert problems == ["RecursionError"]


async def test_only_what_a_region_holds_waits_and_danger_never_does(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    portal = mint.headers("portal")
    free = await post(client, portal, text=RUDE)
    await mask_all(app)
    await hold(client, mint, "obscene", "flood")
    rude = await post(client, portal, text=RUDE + "!")
    plain = await post(client, portal, text="Не горит фонарь у дома 5 по улице Союзной.")
    danger = await post(
        client, portal, text="Блять, в подвале сильно пахнет газом, люди боятся включать свет"
    )
    await mask_all(app)
    items = await waiting(client, mint)
    assert [(item["id"], item["flags"]) for item in items] == [
        (rude["id"], [{"flag": "obscene", "phrase": "заебали"}])
    ]
    announced = await registered_on_moderation(app)
    assert {id: announced[id] for id in (free["id"], rude["id"], plain["id"], danger["id"])} == {
        free["id"]: False,
        rude["id"]: True,
        plain["id"]: False,
        danger["id"]: False,
    }
    seen = (await client.get(f"{OPEN}/{rude['id']}", headers=mint.headers("coordinator"))).json()
    assert seen["status"] == "on_moderation"


async def test_the_same_text_again_is_a_flood_whoever_sends_it(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    await hold(client, mint, "flood")
    same = "Верните автобус номер сорок шесть на прежний маршрут через вокзал"
    sent = []
    for number, words in enumerate((same, same.upper(), f"{same}", f" {same}  ")):
        sent.append(await post(client, mint.headers("portal"), text=words, external_id=str(number)))
        await mask_all(app)
    assert [item["id"] for item in await waiting(client, mint)] == [sent[2]["id"], sent[3]["id"]]


async def test_decisions_on_many_are_each_for_itself_and_taken_once(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    await hold(client, mint, "obscene")
    sent = [await post(client, mint.headers("portal"), text=f"{RUDE} {number}") for number in range(3)]
    await mask_all(app)
    body = {
        "decision": "reject",
        "reason": "брань вместо сути",
        "items": [
            {"id": sent[0]["id"]},
            {"id": sent[1]["id"], "decision": "accept", "reason": "по делу"},
            {"id": str(uuid4())},
        ],
    }
    headers = {**mint.headers("coordinator"), "Idempotency-Key": "many-1"}
    first = await client.post(f"{QUEUE}/decisions", json=body, headers=headers)
    assert [item["status"] for item in first.json()["items"]] == [200, 200, 404]
    assert [item["appeal"]["status"] for item in first.json()["items"][:2]] == ["rejected", "registered"]
    again = await client.post(f"{QUEUE}/decisions", json=body, headers=headers)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    late = await client.post(f"{QUEUE}/decisions", json=body, headers=mint.headers("coordinator"))
    assert [item["status"] for item in late.json()["items"]] == [409, 409, 404]
    assert [item["id"] for item in await waiting(client, mint)] == [sent[2]["id"]]
    blank = {"items": [{"id": sent[2]["id"], "decision": "accept"}]}
    refused = (
        await client.post(f"{QUEUE}/decisions", json=blank, headers=mint.headers("coordinator"))
    ).json()
    assert refused["items"][0]["problem"]["errors"][0]["pointer"] == "/items/0/reason"
    assert (
        await client.post(f"{QUEUE}/decisions", json=body, headers=mint.headers("portal"))
    ).status_code == 403


async def test_who_objects_comes_first_and_is_decided_on_anew(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    await hold(client, mint, "obscene")
    portal, moderator = mint.headers("portal"), mint.headers("coordinator")
    rejected = await post(client, portal, text=RUDE)
    hidden = await post(client, portal, text=f"{RUDE} и ещё")
    await mask_all(app)
    for appeal, decision in ((rejected, "reject"), (hidden, "hide")):
        words = {"decision": decision, "reason": "брань"}
        answer = await client.post(f"{OPEN}/{appeal['id']}/moderation", json=words, headers=moderator)
        assert answer.status_code == 200
    later = await post(client, portal, text=f"{RUDE} опять")
    await mask_all(app)
    page = f"/api/v1/track/{rejected['tracking_code']}"
    assert (await client.get(page)).json()["may_object"] is True
    objection = {"text": "Иначе меня не слышат, звоните 8 910 123-45-67"}
    answers = [await client.post(f"{page}/objection", json=objection) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert (await client.post(f"{page}/objection", json={"text": "ещё"})).status_code == 409
    assert (await client.get(page)).json()["status"] == "on_moderation"
    await client.post(f"/api/v1/track/{hidden['tracking_code']}/objection", json={"text": "Откройте"})
    items = await waiting(client, mint, limit=1)
    assert [item["id"] for item in items] == [rejected["id"], hidden["id"], later["id"]]
    assert items[0]["objection"]["text"] == "Иначе меня не слышат, звоните [телефон]"
    accept = {"decision": "accept", "reason": "по существу"}
    decided = await client.post(f"{OPEN}/{rejected['id']}/moderation", json=accept, headers=moderator)
    assert decided.json()["status"] == "registered"
    keep = await client.post(
        f"{OPEN}/{hidden['id']}/moderation", json={"decision": "hide", "reason": "брань"}, headers=moderator
    )
    assert keep.status_code == 200
    assert [item["id"] for item in await waiting(client, mint)] == [later["id"]]
    assert (await client.get(page)).json()["may_object"] is False
    untouched = await post(client, portal)
    nothing = f"/api/v1/track/{untouched['tracking_code']}/objection"
    assert (await client.post(nothing, json={"text": "против"})).status_code == 409


async def test_an_objection_to_a_withdrawn_appeal_waits_for_nobody(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    await hold(client, mint, "obscene")
    appeal = await post(client, mint.headers("portal"), text=RUDE)
    await mask_all(app)
    words = {"decision": "reject", "reason": "брань"}
    await client.post(f"{OPEN}/{appeal['id']}/moderation", json=words, headers=mint.headers("coordinator"))
    page = f"/api/v1/track/{appeal['tracking_code']}"
    assert (await client.post(f"{page}/objection", json={"text": "Прошу рассмотреть"})).status_code == 200
    assert [item["id"] for item in await waiting(client, mint)] == [appeal["id"]]
    assert (await client.post(f"{page}/withdraw")).json()["status"] == "withdrawn"
    assert await waiting(client, mint) == []


async def test_a_municipal_centre_decides_on_objections_of_its_own_municipalities(
    app_client: Any, mint: Any
) -> None:
    """It reads why the citizen objects, and what it has decided on waits for nobody else."""
    client, app = await app_client("intake")
    await hold(client, mint, "obscene")
    own: dict[str, Any] = {"municipalities": ["38610000"]}
    other: dict[str, Any] = {"municipalities": ["38602000"]}
    moderator = mint.headers("coordinator", **own)
    hidden, rejected = [
        await post(client, mint.headers("portal"), text=f"{RUDE} {n}", municipality="38610412") for n in "12"
    ]
    await mask_all(app)
    for appeal, decision in ((hidden, "hide"), (rejected, "reject")):
        path = f"{OPEN}/{appeal['id']}/moderation"
        decided = await client.post(path, json={"decision": decision, "reason": "брань"}, headers=moderator)
        assert decided.status_code == 200, decided.text
        page = f"/api/v1/track/{appeal['tracking_code']}"
        assert (await client.post(f"{page}/objection", json={"text": "Откройте"})).status_code == 200
    assert await waiting(client, mint, **other) == []
    items = await waiting(client, mint, **own)
    assert [(item["id"], item["objection"]["text"]) for item in items] == [
        (hidden["id"], "Откройте"),
        (rejected["id"], "Откройте"),
    ]
    for appeal in (hidden, rejected):
        path = f"{OPEN}/{appeal['id']}/moderation"
        decided = await client.post(path, json={"decision": "accept", "reason": "верно"}, headers=moderator)
        assert decided.status_code == 200, decided.text
    assert await waiting(client, mint) == await waiting(client, mint, **own) == []
