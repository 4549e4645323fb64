"""Points that can't be where an appeal happened are taken, marked, and named to officials."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from sqlalchemy import text

from harness.payloads import read_payload
from harness.resources import worker_session
from tests.intake.conftest import OPEN, mask_all, post

POINTS = [
    ({"lat": 51.73, "lon": 36.19}, None, None),
    ({"lat": 36.19, "lon": 51.73}, "swapped", "широта и долгота переставлены"),
    ({"lat": 0, "lon": 0}, "zero", "нули"),
    ({"lat": 55.75, "lon": 37.62}, "outside", "не в регионе"),
    ({"lat": -90, "lon": 180}, "outside", "не в регионе"),
    (None, None, None),
]


@pytest.mark.parametrize("regime", ["new", "past"])
async def test_a_point_elsewhere_is_taken_marked_and_told(app_client: Any, mint: Any, regime: str) -> None:
    client, app = await app_client("intake")
    coordinator, portal = mint.headers("coordinator"), mint.headers("portal")
    for point, note, words in POINTS:
        if regime == "new":
            made = await post(client, portal, location=point)
        else:
            made = await import_one(client, mint.headers("admin"), point)
        await mask_all(app)
        appeal = (await client.get(f"{OPEN}/{made['id']}", headers=coordinator)).json()
        assert appeal["location_note"] == note, point
        async with worker_session(app) as session:
            rows = await session.execute(
                text("SELECT packed, payload FROM intake.outbox ORDER BY id DESC LIMIT 1")
            )
            payload = read_payload(rows.mappings().one())
        data = orjson.loads(payload)["data"]
        assert (data["location"], data["location_note"]) == (point, note)
        history = (await client.get(f"{OPEN}/{made['id']}/history", headers=coordinator)).json()["items"]
        told = [line["what"] for line in history if line["kind"] == "location_marked"]
        assert (len(told) == 1 and words in told[0]) if words else told == []
        shown = (await client.get(f"{OPEN}/{made['id']}/history", headers=portal)).json().get("items", [])
        assert "location_marked" not in [line["kind"] for line in shown], "nothing the citizen can do about"
    listed = (await client.get(f"{OPEN}?region=46", headers=coordinator)).json()["items"]
    notes = [note for _, note, _ in POINTS]
    assert sorted(str(item["location_note"]) for item in listed) == sorted(map(str, notes))


async def import_one(client: Any, headers: dict[str, str], point: Any) -> dict[str, Any]:
    case = {
        "external_id": f"past-{point}",
        "region": "46",
        "text": "Яма на дороге",
        "received_at": "2025-03-01T10:00:00+03:00",
        "location": point,
    }
    headers = {**headers, "content-type": "application/x-ndjson"}
    answer = await client.post("/api/v1/imports", content=orjson.dumps(case), headers=headers)
    line: dict[str, Any] = orjson.loads(answer.text.splitlines()[0])
    assert line["status"] == 201, answer.text
    return line
