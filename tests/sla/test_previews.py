"""The preview of a deadline over HTTP: arithmetic for whoever asks, storing nothing."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from contracts.territories import REGIONS
from tests.sla.events import rows
from tests.sla.recomputing import recompute

Client = Any


CALENDAR = "calendar_day"


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
