"""The citizen's page, and what follows from rating, clarifying and withdrawing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import asyncpg
import orjson
from sqlalchemy import text

from harness.databases import Database
from harness.payloads import read_payload
from harness.resources import worker_session
from tests.intake.conftest import Story, appeal_body, handle, mask_all, write_histories_in_clear

DANGER = "Сильно пахнет газом в подъезде, люди теряют сознание"


async def open_story(client: Any, app: Any, mint: Any) -> tuple[str, Story]:
    """A registered appeal: the path of its tracking page and its story."""
    response = await client.post("/api/v1/appeals", json=appeal_body(), headers=mint.headers("portal"))
    await mask_all(app)
    receipt = response.json()
    return f"/api/v1/track/{receipt['tracking_code']}", Story(
        receipt["id"], start=datetime.now(UTC) - timedelta(hours=1)
    )


async def events(app: Any) -> list[dict[str, Any]]:
    async with worker_session(app) as session:
        rows = await session.execute(
            text("SELECT packed, payload FROM intake.outbox ORDER BY created_at, id")
        )
        return [orjson.loads(read_payload(row)) for row in rows.mappings()]


async def test_the_page_shows_what_happened_and_nothing_personal(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    path, story = await open_story(client, app, mint)
    await handle(app, story.created(), story.accepted(), story.deadline(), story.interim())
    page = (await client.get(path)).json()
    assert page["status"] == "in_work"
    assert (page["organisation"], page["topic"], page["due_on"]) == (
        "Комитет дорожного хозяйства",
        "Ямы",
        "2026-12-21",
    )
    assert page["due_reason"] == "30 дней, до 2026-12-21"
    assert [line["what"].split(":")[0] for line in page["timeline"]] == [
        f"Обращение зарегистрировано под номером {page['number']}",
        "Направлено ответственному исполнителю",
        "Принято в работу",
        "Комитет дорожного хозяйства",
        "Срок ответа – до 21.12.2026",
    ] or len(page["timeline"]) == 5
    assert page["answers"][0]["interim"] is True
    assert "Иванов" not in str(page)
    typed = path.rsplit("/", 1)[0] + "/" + path.rsplit("/", 1)[1].lower().replace("-", "")
    assert (await client.get(typed)).json() == page
    assert (await client.get("/api/v1/track/2222-2222-2222-2222-2222")).status_code == 404
    for way in ("", "/rating", "/clarification", "/withdraw"):
        written = quote(f" {path.rpartition('/')[2].replace('-', ' — ').lower()}. ")
        method, body = ("POST", {"score": 9}) if way else ("GET", None)
        answer = await client.request(method, f"/api/v1/track/{written}{way}", json=body)
        assert answer.status_code in (200, 409, 422), way
    assert (await client.get("/api/v1/track/x")).status_code == 404


async def test_a_poor_rating_reopens_once(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    path, story = await open_story(client, app, mint)
    rating = {"score": 1, "solved": False, "comment": "Иванов недоволен, звоните 89101234567"}
    assert (await client.post(f"{path}/rating", json=rating)).status_code == 409
    await handle(app, story.created(), story.answered())
    assert (await client.get(path)).json()["status"] == "answered"
    both = await asyncio.gather(*(client.post(f"{path}/rating", json=rating) for _ in range(3)))
    assert {response.status_code for response in both} == {200}
    assert len({response.text for response in both}) == 1
    assert both[0].json()["reopened"] is True
    assert (await client.post(f"{path}/rating", json={**rating, "score": 5})).status_code == 409
    assert (await client.get(path)).json()["status"] == "reopened"
    others = {"intake.appeal.registered.v1", "intake.answer.masked.v1"}
    said = [event for event in await events(app) if event["type"] not in others]
    assert [event["type"] for event in said] == ["intake.appeal.rated.v1", "intake.appeal.reopened.v1"]
    assert said[0]["data"]["comment"] == "[имя] недоволен, звоните [телефон]"
    assert said[1]["data"]["answer_id"] == str(story.answer_id)
    assert said[1]["data"]["assignment_id"] == str(story.assignment_id)
    await handle(app, story.reopened())
    await handle(app, story.answered(cycle=2))
    page = (await client.get(path)).json()
    assert (page["status"], len(page["answers"]), page["may_rate"]) == ("answered", 2, True)
    good = await client.post(f"{path}/rating", json={"score": 5, "solved": True})
    assert good.json()["reopened"] is False


async def test_the_window_of_the_region_ends_reopening(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    path, story = await open_story(client, app, mint)
    story.at -= timedelta(days=40)
    await handle(app, story.created(), story.answered())
    rated = await client.post(f"{path}/rating", json={"score": 1, "solved": False})
    assert rated.json()["reopened"] is False
    assert (await client.get(path)).json()["status"] == "answered"


async def test_clarification(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    path, story = await open_story(client, app, mint)
    await handle(app, story.created())
    words = {"text": "У дома Ивановых, тел. 89101234567"}
    assert (await client.post(f"{path}/clarification", json=words)).status_code == 409
    await handle(app, story.asked())
    assert (await client.get(path)).json()["may_clarify"] is True
    first = await client.post(f"{path}/clarification", json=words)
    again = await client.post(f"{path}/clarification", json=words)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert first.json()["notice"] is None
    assert (await client.post(f"{path}/clarification", json={"text": "Ещё"})).status_code == 409
    said = (await events(app))[-1]
    assert said["type"] == "intake.appeal.clarified.v1"
    assert "8910" not in said["data"]["text"]
    original = await client.post(
        f"/api/v1/appeals/{story.appeal_id}/original",
        json={"purpose": "Проверка"},
        headers=mint.headers("coordinator"),
    )
    assert [item["text"] for item in original.json()["clarifications"]] == [words["text"]]


async def test_a_clarification_that_tells_of_a_danger_is_answered_with_112(
    app_client: Any, mint: Any
) -> None:
    client, app = await app_client("intake")
    path, story = await open_story(client, app, mint)
    await handle(app, story.created(), story.asked())
    words = {"text": DANGER}
    first = await client.post(f"{path}/clarification", json=words)
    assert "112" in first.json()["notice"]
    assert (await client.post(f"{path}/clarification", json=words)).json() == first.json()
    assert "112" in (await client.get(path)).json()["notice"]
    await handle(app, story.answered())
    assert (await client.get(path)).json()["notice"] is None


async def test_a_danger_told_of_later_is_an_appeal_of_its_own(app_client: Any, mint: Any) -> None:
    """Who works on the appeal reads it, too; coordinators are told at once, and once."""
    client, app = await app_client("intake")
    path, story = await open_story(client, app, mint)
    await handle(app, story.created(), story.asked())
    for _ in range(2):
        await client.post(f"{path}/clarification", json={"text": DANGER})
    await handle(app, story.answered())
    await client.post(f"{path}/rating", json={"score": 5, "solved": True, "comment": DANGER})
    await mask_all(app)
    told = [each["data"] for each in await events(app) if each["type"] == "intake.appeal.registered.v1"]
    assert [each["danger"] for each in told] == [False, True]
    first, danger = told
    assert danger["text"] == f"{DANGER}\n(Дополнение к обращению № {first['number']})"
    same = ("region", "channel", "municipality", "address", "location")
    assert {name: danger.get(name) for name in same} == {name: first.get(name) for name in same}
    coordinator = mint.headers("coordinator")
    opened = [
        (
            await client.post(
                f"/api/v1/appeals/{each['appeal_id']}/original", json={"purpose": "112"}, headers=coordinator
            )
        ).json()
        for each in told
    ]
    assert opened[0]["applicant"] == opened[1]["applicant"]
    assert [item["text"] for item in opened[0]["clarifications"]] == [DANGER]
    own = (await client.get("/api/v1/appeals", headers=mint.headers("portal"))).json()["items"]
    assert [each["id"] for each in own] == [first["appeal_id"]], "no portal has sent it"


async def test_a_comment_or_an_objection_that_speaks_of_a_danger_is_answered_with_112(
    app_client: Any, mint: Any
) -> None:
    client, app = await app_client("intake")
    path, story = await open_story(client, app, mint)
    await handle(app, story.created(), story.answered())
    rating = {"score": 5, "solved": True, "comment": DANGER}
    rated = [await client.post(f"{path}/rating", json=rating) for _ in range(2)]
    assert rated[0].json() == rated[1].json()
    assert "112" in rated[0].json()["notice"]
    await client.put(
        "/api/v1/settings/46/intake",
        json={"moderated_channels": ["portal"]},
        headers={**mint.headers("admin"), "If-Match": "0"},
    )
    other, story = await open_story(client, app, mint)
    await client.post(
        f"/api/v1/appeals/{story.appeal_id}/moderation",
        json={"decision": "reject", "reason": "брань"},
        headers=mint.headers("coordinator"),
    )
    objected = [await client.post(f"{other}/objection", json={"text": DANGER}) for _ in range(2)]
    assert objected[0].json() == objected[1].json()
    assert "112" in objected[0].json()["notice"]
    assert "112" in (await client.get(other)).json()["notice"]
    async with worker_session(app) as session:
        assert set(await session.scalars(text("SELECT danger FROM intake.appeal"))) == {True}


async def test_what_a_citizen_does_is_never_before_what_it_answers(app_client: Any, mint: Any) -> None:
    """The body's clock is two seconds ahead of ours: question and answer of the future, reply and rating after them."""
    client, app = await app_client("intake")
    path, story = await open_story(client, app, mint)
    await handle(app, story.created())
    story.at = datetime.now(UTC) + timedelta(seconds=60)
    asked = story.asked()
    await handle(app, asked)
    first = await client.post(f"{path}/clarification", json={"text": "У дома 5"})
    assert datetime.fromisoformat(first.json()["clarified_at"]) == asked.asked_at
    assert (await client.get(path)).json()["may_clarify"] is False, "once per question"
    assert (await client.post(f"{path}/clarification", json={"text": "Ещё"})).status_code == 409
    answered = story.answered()
    await handle(app, answered)
    assert (await client.post(f"{path}/rating", json={"score": 1, "solved": False})).json()[
        "reopened"
    ] is True
    said = {event["type"]: event["data"] for event in await events(app)}
    assert datetime.fromisoformat(said["intake.appeal.clarified.v1"]["clarified_at"]) == asked.asked_at
    for name in ("rated", "reopened"):
        at = datetime.fromisoformat(said[f"intake.appeal.{name}.v1"][f"{name}_at"])
        assert at == answered.answered_at, name


async def test_withdrawal(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    path, story = await open_story(client, app, mint)
    await handle(app, story.created())
    first = await client.post(f"{path}/withdraw")
    again = await client.post(f"{path}/withdraw")
    assert first.json() == again.json()
    assert first.json()["status"] == "withdrawn"
    assert [event["type"] for event in await events(app)].count("intake.appeal.withdrawn.v1") == 1
    other, story = await open_story(client, app, mint)
    await handle(app, story.created(), story.answered())
    assert (await client.post(f"{other}/withdraw")).status_code == 409


async def test_bad_ratings(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    path, _ = await open_story(client, app, mint)
    for body in ({}, {"score": 6, "solved": True}, {"score": 1, "solved": True, "comment": "\x00"}):
        assert (await client.post(f"{path}/rating", json=body)).status_code == 422


async def test_what_a_rating_says_beside_the_score_is_kept(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    path, story = await open_story(client, app, mint)
    await handle(app, story.created(), story.answered())
    rating = {"score": 4, "solved": True, "reached": False, "satisfied": True}
    assert (await client.post(f"{path}/rating", json=rating)).status_code == 200
    (rated,) = [event["data"] for event in await events(app) if "rated" in event["type"]]
    assert {name: rated[name] for name in rating} == rating
    assert (await client.post(f"{path}/rating", json={**rating, "reached": True})).status_code == 409


async def test_histories_of_an_older_version_are_read_and_added_to(
    app_client: Any, mint: Any, database: Database
) -> None:
    """Their data is in clear, as it was kept before."""
    client, app = await app_client("intake")
    path, story = await open_story(client, app, mint)
    await handle(app, story.created(), story.accepted(), story.deadline(), story.interim())
    before = (await client.get(path)).json()
    look = await asyncpg.connect(database.dsn())
    await write_histories_in_clear(look)
    await look.execute(
        "UPDATE intake.appeal SET topic_name = $1, organisation_name = $2, due_reason = $3, packed = NULL",
        *(before[name] for name in ("topic", "organisation", "due_reason")),
    )
    await look.close()
    assert (await client.get(path)).json() == before
    await handle(app, story.answered())
    after = (await client.get(path)).json()
    assert (after["status"], after["due_reason"]) == ("answered", before["due_reason"])
    assert len(after["timeline"]) == len(before["timeline"]) + 1
