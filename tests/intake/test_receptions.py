"""What coordinators enter by hand: paper, calls, receptions and live sessions, with the legal day of receipt."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import orjson
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from chassis.moments import utc_now
from harness.payloads import read_payload
from harness.resources import worker_session
from services.intake.local_time import local_day
from services.intake.receptions.rules import (
    ENTERED_BY_HAND,
    LONGEST_BACK,
    find_day_fault,
    find_naming_fault,
    find_place_fault,
    find_receipt_fault,
)
from tests.intake.conftest import OPEN, Story, appeal_body, handle, mask_all, post

RECEPTIONS = "/api/v1/receptions"
TODAY = date(2026, 11, 30)
days = st.dates(date(2025, 1, 1), date(2027, 12, 31))


@given(received_on=days, channel=st.sampled_from(["paper", "phone", "reception", "portal", "vk", "email"]))
def test_a_day_of_receipt_is_past_not_long_past_and_of_what_is_entered(
    received_on: date, channel: str
) -> None:
    fault = find_receipt_fault(received_on, channel, TODAY)
    likely = TODAY - LONGEST_BACK <= received_on <= TODAY
    assert (fault is None) == (channel in ENTERED_BY_HAND and likely)


@given(received_on=st.none() | days, held_on=st.none() | days)
def test_a_reception_was_held_on_the_day_of_receipt(received_on: date | None, held_on: date | None) -> None:
    fault = find_naming_fault(received_on, held_on, TODAY)
    assert (fault is None) == (held_on is not None and held_on <= TODAY and received_on in (None, held_on))


@given(held_on=days)
def test_receptions_are_announced_a_year_ahead(held_on: date) -> None:
    assert (find_day_fault(held_on, TODAY) is None) == (-180 <= (held_on - TODAY).days <= 366)


def test_a_municipality_lies_in_the_region_of_the_longest_prefix() -> None:
    assert find_place_fault("38701000", "46") is None
    assert find_place_fault("57701000", "46") is not None
    assert find_place_fault("71871000", "86") is None
    assert find_place_fault("71871000", "72") is not None
    assert find_place_fault(None, "46") is None


def today() -> date:
    return local_day("46", utc_now())


def ago(number: int) -> str:
    return (today() - timedelta(days=number)).isoformat()


def reception(**fields: Any) -> dict[str, Any]:
    return {
        "region": "46",
        "held_on": ago(2),
        "place": "Приёмная губернатора, каб. 12",
        "official": "Заместитель губернатора Смирнова А. Б.",
        **fields,
    }


async def events_of(app: Any) -> list[dict[str, Any]]:
    """What intake has told of registrations."""
    async with worker_session(app) as session:
        stored = await session.execute(
            text(
                "SELECT packed, payload FROM intake.outbox WHERE subject = 'intake.appeal.registered.v1' ORDER BY id"
            )
        )
        return [orjson.loads(read_payload(row))["data"] for row in stored.mappings()]


async def test_a_paper_letter_bears_the_day_it_came(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    coordinator = mint.headers("coordinator")
    made = await post(client, coordinator, channel="paper", regime="statutory", received_on=ago(2))
    plain = await post(client, coordinator, channel="phone")
    view = (await client.get(f"{OPEN}/{made['id']}", headers=coordinator)).json()
    assert (view["received_on"], view["reception_id"]) == (ago(2), None)
    assert (await client.get(f"{OPEN}/{plain['id']}", headers=coordinator)).json()["received_on"] is None
    await mask_all(app)
    assert [event.get("received_on") for event in await events_of(app)] == [ago(2), None]
    receipt = (await client.get(f"/api/v1/track/{made['tracking_code']}/receipt")).json()
    assert (receipt["number"], receipt["received_on"], receipt["channel"]) == (
        made["number"],
        ago(2),
        "paper",
    )
    shown = date.fromisoformat(ago(2))
    assert f"Поступило {shown:%d.%m.%Y} на бумаге" in receipt["lines"]
    assert "Рассматривается по Федеральному закону от 02.05.2006 № 59-ФЗ" in receipt["lines"]
    assert "Иванов" not in str(receipt)
    assert (await client.get("/api/v1/track/7KQ2-7KQ2-7KQ2-7KQ2-7KQ2/receipt")).status_code == 404


UNLIKELY: list[tuple[str, dict[str, Any], int, str | None]] = [
    ("portal", {"channel": "paper", "received_on": ago(1)}, 403, None),
    ("coordinator", {"channel": "portal", "received_on": ago(1)}, 422, "/received_on"),
    ("coordinator", {"channel": "email", "received_on": ago(1)}, 422, "/received_on"),
    ("coordinator", {"channel": "paper", "received_on": ago(-1)}, 422, "/received_on"),
    ("coordinator", {"channel": "paper", "received_on": ago(181)}, 422, "/received_on"),
    ("coordinator", {"channel": "paper", "received_on": "2026-02-30"}, 422, "/received_on"),
    ("coordinator", {"channel": "reception", "reception_id": str(UUID(int=7))}, 422, "/reception_id"),
    ("coordinator", {"channel": "paper", "received_on": ago(180)}, 201, None),
]


async def test_an_unlikely_day_is_refused_alone_and_in_a_batch(app_client: Any, mint: Any) -> None:
    client, _ = await app_client("intake")
    for role, fields, status, pointer in UNLIKELY:
        headers = mint.headers(role)
        answer = await client.post(OPEN, json=appeal_body(**fields), headers=headers)
        assert answer.status_code == status, (fields, answer.text)
        assert pointer is None or [error["pointer"] for error in answer.json()["errors"]] == [pointer]
        lines = [orjson.dumps(each) for each in (appeal_body(**fields), appeal_body(channel="phone"))]
        batch = await client.post(
            f"{OPEN}/batch",
            content=b"\n".join(lines),
            headers={**headers, "Content-Type": "application/x-ndjson"},
        )
        assert [orjson.loads(line)["status"] for line in batch.content.splitlines()] == [status, 201]


async def test_a_reception_groups_its_questions_and_counts_what_became_of_them(
    app_client: Any, mint: Any
) -> None:
    client, app = await app_client("intake")
    coordinator = mint.headers("coordinator")
    sent = {"headers": {**coordinator, "Idempotency-Key": "k"}, "json": reception(kind="live")}
    held, again = [await client.post(RECEPTIONS, **sent) for _ in range(2)]
    assert (held.status_code, again.json(), again.headers["idempotent-replayed"]) == (
        201,
        held.json(),
        "true",
    )
    id = held.json()["id"]
    asked = [
        await post(client, coordinator, channel=channel, reception_id=id)
        for channel in ("reception", "phone", "phone")
    ]
    view = (await client.get(f"{OPEN}/{asked[0]['id']}", headers=coordinator)).json()
    assert (view["received_on"], view["reception_id"]) == (ago(2), id)
    wrong = appeal_body(channel="phone", reception_id=id, received_on=ago(1))
    refused = await client.post(OPEN, json=wrong, headers=coordinator)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/received_on")
    await mask_all(app)
    assert [event["received_on"] for event in await events_of(app)] == [ago(2)] * 3
    for one in asked[:2]:
        story = Story(one["id"])
        await handle(app, story.created(), story.accepted(), story.answered())
    track = f"/api/v1/track/{asked[0]['tracking_code']}/rating"
    assert (await client.post(track, json={"score": 2, "solved": False})).status_code == 200
    track = f"/api/v1/track/{asked[1]['tracking_code']}/rating"
    assert (await client.post(track, json={"score": 5, "solved": True})).status_code == 200
    shown = (await client.get(f"{RECEPTIONS}/{id}", headers=coordinator)).json()
    figures = {name: shown[name] for name in ("appeals", "open", "answered", "ended", "rated", "solved")}
    assert figures == {"appeals": 3, "open": 2, "answered": 1, "ended": 0, "rated": 2, "solved": 1}
    page = (await client.get(f"{RECEPTIONS}/{id}/appeals", params={"limit": 2}, headers=coordinator)).json()
    rest = await client.get(
        f"{RECEPTIONS}/{id}/appeals", params={"cursor": page["next_cursor"]}, headers=coordinator
    )
    listed = [line["id"] for line in page["items"] + rest.json()["items"]]
    assert listed == [one["id"] for one in reversed(asked)]


async def test_receptions_are_listed_by_their_day_and_closed_to_strangers(app_client: Any, mint: Any) -> None:
    client, _ = await app_client("intake")
    coordinator = mint.headers("coordinator")
    ids = [
        (await client.post(RECEPTIONS, json=reception(held_on=ago(number)), headers=coordinator)).json()["id"]
        for number in (5, 1, 3)
    ]
    first = (await client.get(RECEPTIONS, params={"limit": 2}, headers=coordinator)).json()
    rest = await client.get(RECEPTIONS, params={"cursor": first["next_cursor"]}, headers=coordinator)
    assert [each["id"] for each in first["items"] + rest.json()["items"]] == [ids[1], ids[2], ids[0]]
    narrowed = await client.get(RECEPTIONS, params={"from": ago(3), "to": ago(1)}, headers=coordinator)
    assert [each["id"] for each in narrowed.json()["items"]] == [ids[2]]
    for fields, status in (
        ({"region": "59"}, 403),
        ({"municipality": "57701000"}, 422),
        ({"municipality": "38701000"}, 201),
        ({"held_on": ago(181)}, 422),
        ({"held_on": ago(-400)}, 422),
        ({"place": " \u200b"}, 422),
        ({"official": "x\x00"}, 422),
        ({"held_on": ago(-30)}, 201),
    ):
        made = await client.post(RECEPTIONS, json=reception(**fields), headers=coordinator)
        assert made.status_code == status, (fields, made.text)
    coming = appeal_body(channel="reception", reception_id=made.json()["id"])
    assert (await client.post(OPEN, json=coming, headers=coordinator)).status_code == 422
    stranger = mint.headers("coordinator", ["59"])
    for path in (f"{RECEPTIONS}/{ids[0]}", f"{RECEPTIONS}/{ids[0]}/appeals"):
        assert (await client.get(path, headers=stranger)).status_code == 404
        assert (await client.get(path, headers=mint.headers("portal"))).status_code == 403
    assert (await client.get(RECEPTIONS, headers=stranger)).json()["items"] == []
    foreign = appeal_body(channel="reception", region="59", reception_id=ids[0])
    assert (await client.post(OPEN, json=foreign, headers=stranger)).status_code == 422


async def test_a_municipal_centre_enters_what_lies_in_its_municipalities(app_client: Any, mint: Any) -> None:
    """What it could not read afterwards it does not enter: another's, and what lies nobody knows where."""
    client, _ = await app_client("intake")
    district = mint.headers("coordinator", municipalities=["38610000"])
    for municipality, status in (("38610000", 201), ("38610412", 201), ("38701000", 403), (None, 403)):
        for fields in ({"channel": "paper", "received_on": ago(1)}, {"channel": "phone"}, {}):
            body = appeal_body(municipality=municipality, **fields)
            answer = await client.post(OPEN, json=body, headers=district)
            assert answer.status_code == status, (body, answer.text)
            batch = await client.post(
                f"{OPEN}/batch",
                content=orjson.dumps({**body, "external_id": f"{municipality} {fields}"}),
                headers={**district, "Content-Type": "application/x-ndjson"},
            )
            assert orjson.loads(batch.content)["status"] == status
        held = await client.post(RECEPTIONS, json=reception(municipality=municipality), headers=district)
        assert held.status_code == status, held.text
    whole = await client.post(OPEN, json=appeal_body(municipality=None), headers=mint.headers("coordinator"))
    assert whole.status_code == 201
