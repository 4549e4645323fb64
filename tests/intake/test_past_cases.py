"""POST /api/v1/imports: past cases get numbers of their own year, tell what they brought along, and say nothing personal."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text
from uuid_utils.compat import uuid7

from chassis.partitions import uuid7_time
from contracts.routing import AppealsRemoved
from harness.payloads import read_payload
from harness.resources import worker_session
from tests.intake.conftest import Story, handle, mask_all

IMPORTS = "/api/v1/imports"
CASE = {
    "external_id": "old-1",
    "region": "46",
    "received_at": "2020-12-31T22:30:00+03:00",
    "closed_at": "2021-01-14T10:00:00+03:00",
    "due_at": "2021-01-29T23:59:59+03:00",
    "text": "Яма на дороге, меня зовут Иванов Пётр, тел. 8 910 123-45-67",
    "applicant": {"name": "Иванов Пётр Сергеевич"},
    "organisation": "Комитет дорог",
    "topic": "Ямы",
    "answer": "Иванов Пётр, яма заделана. Тел. 8 910 123-45-67",
}


async def send(client: Any, headers: dict[str, str], *cases: Any, status: int = 200) -> list[dict[str, Any]]:
    body = b"\n".join(case if isinstance(case, bytes) else orjson.dumps(case) for case in cases)
    answer = await client.post(
        IMPORTS, content=body, headers={**headers, "Content-Type": "application/x-ndjson"}
    )
    assert answer.status_code == status, answer.text
    return [orjson.loads(line) for line in answer.content.splitlines()]


async def events_of(app: Any) -> list[dict[str, Any]]:
    async with worker_session(app) as session:
        rows = await session.execute(text("SELECT packed, payload FROM intake.outbox"))
        return [orjson.loads(read_payload(row)) for row in rows.mappings()]


async def test_a_past_case_is_registered_under_its_own_date(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    admin = mint.headers("admin", ["46"])
    other_year = {**CASE, "external_id": "old-2", "received_at": "2021-01-01T00:30:00+03:00"}
    first, second = await send(client, admin, CASE, other_year)
    assert (first["status"], first["number"]) == (201, "46-2020-0000001")
    assert second["number"] == "46-2021-0000001"
    await mask_all(app)
    shown = (await client.get(f"/api/v1/appeals/{first['id']}", headers=admin)).json()
    assert shown["received_at"] == "2020-12-31T19:30:00Z"
    assert shown["text"] == "Яма на дороге, меня зовут [имя], тел. [телефон]"
    listed = await client.get(
        "/api/v1/appeals", params={"region": "46", "to": "2021-01-01"}, headers=mint.headers("coordinator")
    )
    assert [item["number"] for item in listed.json()["items"]] == ["46-2020-0000001"]
    history = (await client.get(f"/api/v1/appeals/{first['id']}/history", headers=admin)).json()["items"]
    assert [line["kind"] for line in history] == ["registered", "imported"]


async def test_it_tells_what_it_brought_along_and_nothing_personal(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    (answer,) = await send(client, mint.headers("admin", ["*"]), CASE)
    await mask_all(app)
    (event,) = await events_of(app)
    assert event["type"] == "intake.appeal.imported.v1"
    told = event["data"]
    assert told["appeal_id"] == answer["id"]
    assert told["taken_over"]["due"] == "given"
    assert told["taken_over"]["closed_at"] == CASE["closed_at"]
    assert (told["topic"], told["organisation"], told["outcome"]) == ("Ямы", "Комитет дорог", "solved")
    assert told["answer"] == "[имя], яма заделана. Тел. [телефон]"
    assert "Иванов" not in orjson.dumps(event).decode()


async def test_a_wrongly_chosen_column_tells_no_phone_number(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    odd = {
        "topic": "Звонить 8 910 123-45-67",
        "group": "ivanov@example.ru",
        "organisation": "+7 910 123-45-67",
    }
    await send(client, mint.headers("admin", ["*"]), {**CASE, **odd})
    await mask_all(app)
    (event,) = await events_of(app)
    said = orjson.dumps(event).decode()
    assert "123-45-67" not in said
    assert "ivanov@" not in said


@pytest.mark.parametrize(
    ("changes", "due"),
    [({"due_at": "2021-01-29T23:59:59+03:00"}, "given"), ({"due_at": None}, "none"), ({}, "policy")],
)
async def test_no_due_time_is_not_an_unknown_one(
    app_client: Any, mint: Any, changes: dict[str, Any], due: str
) -> None:
    client, app = await app_client("intake")
    case = {name: value for name, value in CASE.items() if name != "due_at"} | changes
    await send(client, mint.headers("admin", ["*"]), case)
    await mask_all(app)
    (event,) = await events_of(app)
    assert event["data"]["taken_over"]["due"] == due


async def test_a_solution_that_was_put_off_is_told_with_its_day(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    postponed = {**CASE, "outcome": "postponed"}
    dated = {**postponed, "external_id": "old-2", "promised_on": "2021-03-01"}
    answers = await send(client, mint.headers("admin", ["*"]), postponed, dated)
    assert [answer["status"] for answer in answers] == [201, 201]
    await mask_all(app)
    told = [event["data"] for event in await events_of(app)]
    assert [each["postponed"] for each in told] == [True, True]
    assert {each["promised_on"] for each in told} == {None, "2021-03-01"}


async def test_a_repeat_takes_over_nothing_twice(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    admin = mint.headers("admin", ["*"])
    first, twin = await send(client, admin, CASE, CASE)
    (again,) = await send(client, admin, CASE)
    (other,) = await send(client, admin, {**CASE, "text": "Другое"})
    assert (first["status"], twin["status"], again["status"], other["status"]) == (201, 200, 200, 422)
    assert first["id"] == twin["id"] == again["id"]
    await mask_all(app)
    assert len(await events_of(app)) == 1


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"received_at": "2199-01-01T00:00:00Z"}, "/received_at"),
        ({"received_at": "2150-01-01T00:00:00Z", "closed_at": None}, "/received_at"),
        ({"received_at": "2020-12-31T22:30:00"}, "/received_at"),
        ({"closed_at": "2020-12-30T10:00:00+03:00"}, "/closed_at"),
        ({"closed_at": "2150-12-30T10:00:00+03:00"}, "/closed_at"),
        ({"accepted_at": "2021-01-15T10:00:00+03:00"}, "/accepted_at"),
        ({"accepted_at": "2020-01-15T10:00:00+03:00"}, "/accepted_at"),
        ({"organisation": None}, "/organisation"),
        ({"organisation": "  "}, "/organisation"),
        ({"closed_at": None}, "/answer"),
        ({"outcome": "unsolved"}, "/outcome"),
        ({"outcome": "solved", "promised_on": "2021-03-01"}, "/promised_on"),
        ({"outcome": "postponed", "promised_on": "20210301"}, "/promised_on"),
        ({"external_id": None}, "/external_id"),
        ({"region": "00"}, "/region"),
    ],
)
async def test_contradictions_are_named(
    app_client: Any, mint: Any, changes: dict[str, Any], pointer: str
) -> None:
    client, _ = await app_client("intake")
    wrong, right = await send(
        client, mint.headers("admin", ["*"]), {**CASE, **changes}, {**CASE, "external_id": "right"}
    )
    assert wrong["status"] == 422, wrong
    assert pointer in {error["pointer"] for error in wrong["problem"]["errors"]}
    assert right["status"] == 201, "a bad line never spoils the others"


async def test_who_may_import_and_where(app_client: Any, mint: Any) -> None:
    client, _ = await app_client("intake")
    (elsewhere,) = await send(client, mint.headers("admin", ["77"]), CASE)
    assert elsewhere["status"] == 403
    for role in ("portal", "coordinator", "analyst", "federal"):
        await send(client, mint.headers(role), CASE, status=403)
    plain = await client.post(IMPORTS, json=CASE, headers=mint.headers("admin", ["*"]))
    assert plain.status_code == 415
    (broken,) = await send(client, mint.headers("admin", ["*"]), b"{")
    assert broken["status"] == 422


async def test_past_cases_of_moderated_channels_are_not_held(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    admin = mint.headers("admin", ["46"])
    seen = (await client.get("/api/v1/settings/46/intake", headers=admin)).json()
    changed = await client.put(
        "/api/v1/settings/46/intake",
        json={"reopen_days": seen["reopen_days"], "moderated_channels": ["vk"]},
        headers={**admin, "If-Match": str(seen["version"])},
    )
    assert changed.status_code == 200, changed.text
    (answer,) = await send(client, admin, {**CASE, "channel": "vk", "regime": "statutory"})
    assert answer["status"] == 201, "what the law admitted then is not judged by what it admits now"
    await mask_all(app)
    shown = (await client.get(f"/api/v1/appeals/{answer['id']}", headers=admin)).json()
    assert shown["status"] == "registered"
    assert uuid7_time(UUID(answer["id"])).year == 2020


async def test_months_are_made_before_their_cases(app_client: Any, mint: Any) -> None:
    """So the default partition, which every new month has to look through, stays empty."""
    client, app = await app_client("intake")
    await send(client, mint.headers("admin", ["46"]), CASE)
    async with worker_session(app) as session:
        for table in ("appeal", "original"):
            found = await session.scalars(text(f"SELECT tableoid::regclass::text FROM intake.{table}"))
            assert list(found) == [f"{table}_p202012"]


async def test_what_was_taken_back_leaves_nothing_behind_whatever_comes_late(
    app_client: Any, mint: Any
) -> None:
    """Others tell of a case while it goes, and all of it again when the log is sent anew; of one that is still to come it is kept."""
    client, app = await app_client("intake")
    admin = mint.headers("admin", ["46"])
    (answer,) = await send(client, admin, CASE)
    await mask_all(app)
    (imported,) = (await client.get(IMPORTS, headers=admin)).json()["items"]
    story, coming = Story(answer["id"]), Story(uuid7())
    await handle(app, story.created(), story.deadline())
    removed = AppealsRemoved(
        region="46", import_id=imported["id"], appeal_ids=(story.appeal_id,), removed_at=story.at
    )
    await handle(app, removed)
    await handle(app, story.created(), story.deadline(), story.reminded(), story.answered(), coming.created())
    async with worker_session(app) as session:
        kept = list(await session.scalars(text("SELECT appeal_id FROM intake.appeal_history")))
        holders = await session.scalar(text("SELECT count(*) FROM intake.appeal_holder"))
    assert (kept, holders) == ([coming.appeal_id], 0)
