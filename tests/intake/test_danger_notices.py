"""Who writes of a danger to life is answered «звоните 112» at once, again when repeating, and on the tracking page."""

from __future__ import annotations

from typing import Any

import orjson

from services.intake.registration.rules.notices import DANGER_NOTICE
from tests.intake.conftest import OPEN, appeal_body, mask_all
from tests.intake.test_tracking import events

GAS = "В подъезде пахнет газом, Петров Иван не открывает"


async def test_the_receipt_says_what_to_do_and_so_does_its_repeat(app_client: Any, mint: Any) -> None:
    client, _ = await app_client("intake")
    assert "звоните 112" in DANGER_NOTICE
    headers = mint.headers("portal") | {"Idempotency-Key": "one"}
    body = appeal_body(text=GAS)
    first = await client.post(OPEN, json=body, headers=headers)
    again = await client.post(OPEN, json=body, headers=headers)
    known = await client.post(OPEN, json=body, headers=mint.headers("portal"))
    assert [each.json()["notice"] for each in (first, again, known)] == [DANGER_NOTICE] * 3


async def test_lines_of_a_batch_have_it_where_there_is_one(app_client: Any, mint: Any) -> None:
    client, _ = await app_client("intake")
    lines = [
        {"text": text, "region": "46", "external_id": f"line {number}"}
        for number, text in enumerate((GAS, "Яма на дороге"))
    ]
    response = await client.post(
        f"{OPEN}/batch",
        content=b"\n".join(map(orjson.dumps, lines)),
        headers=mint.headers("portal") | {"Content-Type": "application/x-ndjson"},
    )
    danger, pothole = map(orjson.loads, response.content.splitlines())
    assert danger["notice"] == DANGER_NOTICE
    assert "notice" not in pothole


async def test_the_event_carries_it_and_the_page_shows_it(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    receipts = [
        (
            await client.post(
                OPEN, json=appeal_body(text=text, external_id=None), headers=mint.headers("portal")
            )
        ).json()
        for text in (GAS, "Яма на дороге")
    ]
    await mask_all(app)
    registered = {each["data"]["number"]: each["data"]["danger"] for each in await events(app)}
    assert [registered[receipt["number"]] for receipt in receipts] == [True, False]
    pages = [(await client.get(f"/api/v1/track/{receipt['tracking_code']}")).json() for receipt in receipts]
    assert [page["notice"] for page in pages] == [DANGER_NOTICE, None]
    path, headers = f"{OPEN}/{receipts[0]['id']}", mint.headers("portal")
    assert (await client.get(path, headers=headers)).json()["notice"] == DANGER_NOTICE
