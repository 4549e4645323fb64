"""Who writes of a danger to life is answered «звоните 112» at once, again when repeating, and on the tracking page."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import text as sql_text

from harness.resources import worker_session
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


async def test_it_shows_before_the_text_is_masked(app_client: Any, mint: Any) -> None:
    """A worker that is behind, or down, must not keep anybody from calling 112."""
    client, _ = await app_client("intake")
    portal, body = mint.headers("portal"), appeal_body(text=GAS)
    receipt = (await client.post(OPEN, json=body, headers=portal)).json()
    page = (await client.get(f"/api/v1/track/{receipt['tracking_code']}")).json()
    appeal = (await client.get(f"{OPEN}/{receipt['id']}", headers=portal)).json()
    assert [page["notice"], appeal["notice"]] == [DANGER_NOTICE] * 2


async def test_what_masking_takes_from_a_text_takes_nothing_from_its_danger(
    app_client: Any, mint: Any
) -> None:
    """The fact is of the text as it was sent: the page, the appeal and the event say the same of it."""
    client, app = await app_client("intake")
    portal = mint.headers("portal")
    receipt = (await client.post(OPEN, json=appeal_body(text=GAS), headers=portal)).json()
    await mask_all(app)
    await run(app, "UPDATE intake.appeal_text SET text = '[имя]'")
    page = (await client.get(f"/api/v1/track/{receipt['tracking_code']}")).json()
    assert page["notice"] == DANGER_NOTICE


async def test_rows_of_older_versions_are_read_by_their_text(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    portal = mint.headers("portal")
    receipts = [
        (await client.post(OPEN, json=appeal_body(text=text), headers=portal)).json()
        for text in (GAS, "Яма на дороге")
    ]
    await run(app, "UPDATE intake.appeal SET danger = NULL")
    await mask_all(app)
    pages = [(await client.get(f"/api/v1/track/{receipt['tracking_code']}")).json() for receipt in receipts]
    assert [page["notice"] for page in pages] == [DANGER_NOTICE, None]
    assert [each["data"]["danger"] for each in await events(app)] == [True, False]


async def run(app: Any, statement: str) -> None:
    """As the worker."""
    async with worker_session(app) as session:
        await session.execute(sql_text(statement))


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
