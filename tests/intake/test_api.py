"""Submitting over HTTP: one appeal, repeats, batches, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest
from sqlalchemy import text

from chassis.db import create_engine, create_sessions
from harness.payloads import read_payload
from harness.resources import worker_session
from tests.intake.conftest import OPEN, appeal_body, mask_all, post


async def test_an_appeal_is_registered(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    response = await client.post(OPEN, json=appeal_body(), headers=mint.headers("portal"))
    receipt = response.json()
    assert response.status_code == 201
    assert response.headers["location"] == f"/api/v1/appeals/{receipt['id']}"
    assert set(receipt) == {"id", "number", "tracking_code", "status", "received_at", "notice"}
    assert receipt["notice"] is None
    assert receipt["number"] == f"46-{datetime.now(UTC).year}-0000001"
    assert receipt["status"] == "registered"
    before = await client.get(response.headers["location"], headers=mint.headers("portal"))
    await mask_all(app)
    after = await client.get(response.headers["location"], headers=mint.headers("portal"))
    assert before.json() == after.json()  # masked from the first moment on
    assert after.json()["text"] == "Яма на дороге, меня зовут [имя], тел. [телефон]"
    assert after.json()["address"] == "г. Курск, ул. Ленина, д. 12"
    async with worker_session(app) as session:
        rows = await session.execute(text("SELECT packed, payload FROM intake.outbox"))
        (payload,) = [read_payload(row) for row in rows.mappings()]
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


OTHER_THAN_AN_APPEAL = [
    b"",
    b"[]",
    b"null",
    b'{"text":"\\ud800","region":"46"}',
    b'{"text":"a","region":"46","region":"46"}',
    b'{"text":"a","region":"46","location":{"lat":1e999,"lon":1}}',
]
NO_JSON = [
    b'{"text": "\xff"}',
    b'{"text":"a","region":"46","location":{"lat":NaN,"lon":1}}',
    b"{" * 5000,
    b'{"text":"a","region":"46"',
    b'{"text":"a","region":"46"} {}',
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
    for bodies, status in ((OTHER_THAN_AN_APPEAL, 422), (NO_JSON, 400)):
        for body in bodies:
            assert (await client.post(OPEN, content=body, headers=headers)).status_code == status, body
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
    monkeypatch.setattr("services.intake.registration.api.batches.MOST_BYTES", 1000)
    assert (await client.post(path, content=b"x" * 1001, headers=headers)).status_code == 413
    async with worker_session(app) as session:
        assert await session.scalar(text("SELECT count(*) FROM intake.appeal")) == 0
    assert (await client.post(path, content=b"{}", headers=mint.headers("analyst"))).status_code == 403


async def test_database_trouble_is_503(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    await post(client, mint.headers("portal"))
    broken = create_engine(
        app.state.resources.engine.url.set(port=1, query={"host": "/nowhere"}).render_as_string(False), 2
    )
    app.state.resources.groups._sessions = app.state.resources.groups._autocommit = create_sessions(broken)
    response = await client.post(OPEN, json=appeal_body(), headers=mint.headers("portal"))
    assert response.status_code == 503
    assert response.headers["retry-after"]
    headers = {**mint.headers("portal"), "content-type": "application/x-ndjson"}
    batch = await client.post(f"{OPEN}/batch", content=orjson.dumps(appeal_body()), headers=headers)
    assert orjson.loads(batch.content)["status"] == 503
