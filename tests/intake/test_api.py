"""Intake over HTTP: submitting, reading, access, original, settings, moderation."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest
from sqlalchemy import text

from chassis.db import create_engine, create_sessions
from tests.conftest import worker_session
from tests.intake.conftest import BODY, OTHER_BODY, Story, appeal_body, handle, mask_all

OPEN = "/api/v1/appeals"


async def post(client: Any, headers: dict[str, str], **fields: Any) -> dict[str, Any]:
    response = await client.post(OPEN, json=appeal_body(**fields), headers=headers)
    assert response.status_code == 201, response.text
    return dict(response.json())


async def test_an_appeal_is_registered(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    response = await client.post(OPEN, json=appeal_body(), headers=mint.headers("portal"))
    receipt = response.json()
    assert response.status_code == 201
    assert response.headers["location"] == f"/api/v1/appeals/{receipt['id']}"
    assert set(receipt) == {"id", "number", "tracking_code", "status", "received_at"}
    assert receipt["number"] == f"46-{datetime.now(UTC).year}-0000001"
    assert receipt["status"] == "registered"
    before = await client.get(response.headers["location"], headers=mint.headers("portal"))
    await mask_all(app)
    after = await client.get(response.headers["location"], headers=mint.headers("portal"))
    assert before.json() == after.json()  # masked from the first moment on
    assert after.json()["text"] == "Яма на дороге, меня зовут [имя], тел. [телефон]"
    assert after.json()["address"] == "г. Курск, ул. Ленина, д. 12"
    async with worker_session(app) as session:
        payload = await session.scalar(text("SELECT payload FROM intake.outbox"))
    assert "Иванов" not in payload
    assert "123-45-67" not in payload


async def test_repeats_over_http(app_client: Any, mint: Any) -> None:
    client, _ = await app_client("intake")
    body, headers = appeal_body(), mint.headers("portal")
    first = await client.post(OPEN, json=body, headers=headers)
    again = await client.post(OPEN, json=body, headers=headers)
    other = await client.post(OPEN, json={**body, "text": "Другое"}, headers=headers)
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 422)
    assert again.json() == first.json()
    keyed = {**headers, "Idempotency-Key": "k-1"}
    plain = {"text": "Без номера портала", "region": "46"}
    first = await client.post(OPEN, json=plain, headers=keyed)
    again = await client.post(OPEN, json=plain, headers=keyed)
    other = await client.post(OPEN, json={**plain, "text": "Другое"}, headers=keyed)
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert other.json()["type"].endswith("/idempotency-key-reused")


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"text": ""}, "/text"),
    ({"text": " \n "}, "/text"),
    ({"text": "a\x00b"}, "/text"),
    ({"text": "а" * 10_001}, "/text"),
    ({"text": 5}, "/text"),
    ({"region": "00"}, "/region"),
    ({"region": "4"}, "/region"),
    ({"municipality": "123"}, "/municipality"),
    ({"topic": "ключ с пробелом"}, "/topic"),
    ({"complained_about": "x"}, "/complained_about"),
    ({"channel": "fax"}, "/channel"),
    ({"location": {"lat": 91, "lon": 0}}, "/location/lat"),
    ({"submitted_at": "2026-01-01"}, "/submitted_at"),
    ({"submitted_at": "3026-01-01T00:00:00Z"}, "/submitted_at"),
    ({"submitted_at": "1969-12-31T23:59:59Z"}, "/submitted_at"),
    ({"submitted_at": "1970-01-01T00:00:00+03:00"}, "/submitted_at"),
    ({"attachments": [str(uuid4())]}, "/attachments/0"),
    ({"external_id": ""}, "/external_id"),
]
MALFORMED = [
    b"",
    b"[]",
    b"null",
    b'{"text": "\xff"}',
    b'{"text":"\\ud800","region":"46"}',
    b'{"text":"a","region":"46","location":{"lat":NaN,"lon":1}}',
    b"{" * 5000,
]


async def test_bad_bodies_are_refused(app_client: Any, mint: Any) -> None:
    client, _ = await app_client("intake")
    soon = (datetime.now(UTC) + timedelta(minutes=10)).isoformat()  # now, not when this file was read
    for fields, pointer in (*REFUSED, ({"submitted_at": soon}, "/submitted_at")):
        response = await client.post(OPEN, json=appeal_body(**fields), headers=mint.headers("portal"))
        assert response.status_code == 422, fields
        assert response.headers["content-type"] == "application/problem+json"
        assert pointer in [error["pointer"] for error in response.json()["errors"]]
    headers = {**mint.headers("portal"), "content-type": "application/json"}
    for body in MALFORMED:
        assert (await client.post(OPEN, content=body, headers=headers)).status_code == 422, body
    for key in ("", "  ", "k" * 256):
        keyed = {**headers, "Idempotency-Key": key}
        assert (await client.post(OPEN, json=appeal_body(), headers=keyed)).status_code == 422


async def test_the_law_decides_about_channels(app_client: Any, mint: Any) -> None:
    client, _ = await app_client("intake")
    refused = await client.post(
        OPEN, json=appeal_body(regime="statutory", channel="email"), headers=mint.headers("portal")
    )
    assert refused.status_code == 422
    assert refused.json()["type"] == "/problems/regime-not-admitted"
    await post(client, mint.headers("portal"), regime="statutory", channel="paper")


async def test_unknown_topics_do_not_refuse(app_client: Any, mint: Any) -> None:
    client, _ = await app_client("intake")
    await post(client, mint.headers("portal"), topic="no-such-topic", complained_about=str(uuid4()))


async def test_who_may_submit(app_client: Any, mint: Any) -> None:
    client, _ = await app_client("intake")
    body = appeal_body()
    assert (await client.post(OPEN, json=body)).status_code == 401
    for role in ("analyst", "federal"):
        assert (await client.post(OPEN, json=body, headers=mint.headers(role))).status_code == 403
    assert (await client.post(OPEN, json=body, headers=mint.headers("portal", ["59"]))).status_code == 403
    assert (await client.post(OPEN, json=body, headers=mint.headers("coordinator"))).status_code == 201


async def test_who_may_read(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    receipt = await post(client, mint.headers("portal"))
    await mask_all(app)
    await handle(app, Story(receipt["id"]).created())
    path = f"{OPEN}/{receipt['id']}"
    expected = {
        200: [
            mint.headers("portal"),
            mint.headers("agency", organisation=BODY.id),
            mint.headers("coordinator"),
            mint.headers("analyst"),
            mint.headers("admin", ["*"]),
        ],
        404: [
            mint.headers("portal", client="another"),
            mint.headers("agency", organisation=OTHER_BODY.id),
            mint.headers("coordinator", ["59"]),
        ],
        403: [mint.headers("federal", ["*"])],
    }
    for status, everybody in expected.items():
        for headers in everybody:
            for suffix in ("", "/history"):
                assert (await client.get(path + suffix, headers=headers)).status_code == status
    listed = {
        name: len((await client.get(OPEN, headers=headers)).json()["items"])
        for name, headers in {
            "own": mint.headers("portal"),
            "other": mint.headers("portal", client="another"),
            "holder": mint.headers("agency", organisation=BODY.id),
            "stranger": mint.headers("agency", organisation=OTHER_BODY.id),
        }.items()
    }
    assert listed == {"own": 1, "other": 0, "holder": 1, "stranger": 0}
    assert (await client.get(f"{OPEN}?region=59", headers=mint.headers("coordinator"))).status_code == 403


async def test_lists_filter_and_page(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    headers = mint.headers("portal")
    receipts = [
        await post(client, headers, text=words)
        for words in ("Яма на дороге", "Сломаны качели во дворе", "Ямы заделали плохо")
    ]
    await mask_all(app)
    await handle(app, Story(receipts[0]["id"]).created())

    async def numbers(query: str) -> list[str]:
        response = await client.get(f"{OPEN}?{query}", headers=headers)
        assert response.status_code == 200, response.text
        return [item["number"][-1] for item in response.json()["items"]]

    today = datetime.now(UTC).date()
    assert await numbers("region=46") == ["3", "2", "1"]
    assert await numbers("q=яма") == ["3", "1"]
    assert await numbers("q=качелями") == ["2"]
    assert await numbers(f"q={receipts[1]['number']}") == ["2"]
    assert await numbers("status=in_work") == ["1"]
    assert await numbers(f"from={today - timedelta(days=1)}&to={today + timedelta(days=2)}") == [
        "3",
        "2",
        "1",
    ]
    assert await numbers(f"to={today - timedelta(days=1)}") == []
    page = (await client.get(f"{OPEN}?limit=2", headers=headers)).json()
    rest = (await client.get(f"{OPEN}?limit=2&cursor={page['next_cursor']}", headers=headers)).json()
    assert [item["number"][-1] for item in page["items"] + rest["items"]] == ["3", "2", "1"]
    assert rest["next_cursor"] is None
    assert (await client.get(f"{OPEN}?cursor=nonsense", headers=headers)).status_code == 400
    for query in ("q=%00", "from=0001-01-01", "status=lost", "limit=0", "region=xx"):
        assert (await client.get(f"{OPEN}?{query}", headers=headers)).status_code == 422
    assert await numbers("q=%22%27%20%26%20|%20!(") == []


async def test_the_feed_tells_own_changes(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    receipt = await post(client, mint.headers("portal"))
    await post(client, mint.headers("portal", client="another"))
    await mask_all(app)
    story = Story(receipt["id"])
    await handle(app, story.created())
    await handle(app, story.deadline())
    feed = (await client.get(f"{OPEN}/changes", headers=mint.headers("portal"))).json()
    assert [(item["appeal_id"], item["change"]) for item in feed["items"]] == [
        (receipt["id"], "registered"),
        (receipt["id"], "status"),
        (receipt["id"], "deadline"),
    ]
    again = (
        await client.get(f"{OPEN}/changes?cursor={feed['next_cursor']}", headers=mint.headers("portal"))
    ).json()
    assert again["items"] == []
    assert again["next_cursor"]


async def test_the_original_needs_a_purpose_and_is_logged(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    receipt = await post(client, mint.headers("portal"))
    path = f"{OPEN}/{receipt['id']}/original"
    story, purpose = Story(receipt["id"]), {"purpose": "Выезд на место"}
    await handle(app, story.created())
    holder = mint.headers("agency", organisation=BODY.id)
    assert (await client.post(path, json={}, headers=holder)).status_code == 422
    assert (await client.post(path, json=purpose, headers=mint.headers("portal"))).status_code == 403
    stranger = mint.headers("agency", organisation=OTHER_BODY.id)
    assert (await client.post(path, json=purpose, headers=stranger)).status_code == 404
    opened = (await client.post(path, json=purpose, headers=holder)).json()
    assert opened["text"] == "Яма на дороге, меня зовут Иванов Пётр, тел. 8 910 123-45-67"
    assert opened["applicant"] == {"name": "Иванов Пётр Сергеевич", "phone": "+79101234567", "email": None}
    assert opened["address"].endswith("кв. 34")
    assert (await client.post(path, json=purpose, headers=mint.headers("coordinator"))).status_code == 200
    await handle(app, story.corrected())  # the question went to another body
    assert (await client.post(path, json=purpose, headers=holder)).status_code == 404
    assert (await client.get(f"{OPEN}/{receipt['id']}", headers=holder)).status_code == 404
    async with worker_session(app) as session:
        log = await session.execute(text("SELECT role, purpose FROM intake.original_access ORDER BY id"))
        assert [tuple(row) for row in log] == [
            ("agency", "Выезд на место"),
            ("coordinator", "Выезд на место"),
        ]


async def test_settings_have_versions(app_client: Any, mint: Any) -> None:
    client, _ = await app_client("intake")
    path, admin = "/api/v1/settings/46/intake", mint.headers("admin")
    assert (await client.get(path, headers=admin)).json() == {
        "region": "46",
        "version": 0,
        "reopen_days": 30,
        "moderated_channels": [],
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
            orjson.loads(payload)["data"]["on_moderation"]
            for payload in await session.scalars(
                text(
                    "SELECT payload FROM intake.outbox WHERE subject = 'intake.appeal.registered.v1' ORDER BY id"
                )
            )
        ]
    assert subjects[-1] == "intake.appeal.moderated.v1"
    assert flags == [True, False]


async def test_the_batch_route_answers_line_by_line(app_client: Any, mint: Any) -> None:
    client, _ = await app_client("intake")
    headers = {**mint.headers("portal"), "content-type": "application/x-ndjson"}
    known = appeal_body()
    lines: list[bytes] = [
        orjson.dumps(known),
        orjson.dumps(known),
        orjson.dumps({**known, "text": "Другое"}),
        b"not json",
        b"",
        orjson.dumps({**appeal_body(), "region": "59"}),
        orjson.dumps({"text": "Без номера", "region": "46"}),
        orjson.dumps(appeal_body(text="х" * 131_072)),
        orjson.dumps(appeal_body()),
    ]
    response = await client.post(f"{OPEN}/batch", content=b"\n".join(lines), headers=headers)
    answers = [orjson.loads(line) for line in response.content.splitlines()]
    assert response.headers["content-type"] == "application/x-ndjson"
    assert [answer["line"] for answer in answers] == list(range(1, 10))
    assert [answer["status"] for answer in answers] == [201, 200, 422, 422, 422, 403, 422, 422, 201]
    assert answers[0]["number"] == answers[1]["number"]
    assert set(answers[0]) == {"line", "status", "id", "number", "tracking_code"}
    assert answers[5]["problem"]["status"] == 403
    keyed = {**headers, "Idempotency-Key": "batch-1"}
    content = b'{"text":"A","region":"46"}\n{"text":"A","region":"46"}\n'
    first = await client.post(f"{OPEN}/batch", content=content, headers=keyed)
    again = await client.post(f"{OPEN}/batch", content=content, headers=keyed)
    ids = [[orjson.loads(line)["id"] for line in r.content.splitlines()] for r in (first, again)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2
    assert [orjson.loads(line)["status"] for line in again.content.splitlines()] == [200, 200]


async def test_batch_limits(app_client: Any, mint: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client, app = await app_client("intake")
    headers = {**mint.headers("portal"), "content-type": "application/x-ndjson"}
    path = f"{OPEN}/batch"
    assert (
        await client.post(path, content=b"{}", headers={**headers, "content-type": "application/json"})
    ).status_code == 415
    assert (await client.post(path, content=b"", headers=headers)).status_code == 422
    too_many = await client.post(path, content=b"{}\n" * 10_001, headers=headers)
    assert (too_many.status_code, too_many.headers["content-type"]) == (413, "application/problem+json")
    assert (await client.post(path, content=b"{}\n" * 10_000, headers=headers)).status_code == 200
    monkeypatch.setattr("services.intake.api.batches.MOST_BYTES", 1000)
    assert (await client.post(path, content=b"x" * 1001, headers=headers)).status_code == 413
    async with worker_session(app) as session:
        assert await session.scalar(text("SELECT count(*) FROM intake.appeal")) == 0
    assert (await client.post(path, content=b"{}", headers=mint.headers("analyst"))).status_code == 403


async def test_database_trouble_is_503(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    await post(client, mint.headers("portal"))
    broken = create_engine(
        app.state.engine.url.set(port=1, query={"host": "/nowhere"}).render_as_string(False), 2
    )
    app.state.groups._sessions = app.state.groups._autocommit = create_sessions(broken)
    response = await client.post(OPEN, json=appeal_body(), headers=mint.headers("portal"))
    assert response.status_code == 503
    assert response.headers["retry-after"]
    headers = {**mint.headers("portal"), "content-type": "application/x-ndjson"}
    batch = await client.post(f"{OPEN}/batch", content=orjson.dumps(appeal_body()), headers=headers)
    assert orjson.loads(batch.content)["status"] == 503
