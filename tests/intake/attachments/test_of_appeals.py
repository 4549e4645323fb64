"""Files of appeals: used once, seen with a purpose, gone with their appeal."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest
from uuid_utils.compat import uuid7

from chassis.db import open_all_rows
from harness.databases import Database
from services.intake.attachments.actions.erasing import erase_of_appeals, purge_unused
from services.intake.workers import delete_some_blobs
from tests.intake.attachments.conftest import PATH, Office
from tests.intake.attachments.honest import KURSK, photo_with_exif
from tests.intake.conftest import OPEN, Story, appeal_body, handle, post


async def test_an_appeal_takes_its_files_once(office: Office, database: Database) -> None:
    first, second = await office.upload(), await office.upload(photo_with_exif())
    ids = [first["id"], second["id"]]
    body = appeal_body(attachments=ids)
    made = await office.client.post(OPEN, json=body, headers=office.portal)
    assert made.status_code == 201, made.text
    again = await office.client.post(OPEN, json=body, headers=office.portal)
    assert (again.status_code, again.json()["id"]) == (200, made.json()["id"])
    other = await office.client.post(OPEN, json=appeal_body(attachments=[first["id"]]), headers=office.portal)
    assert other.status_code == 422
    assert other.json()["type"] == "/problems/attachment-unknown"
    look = await asyncpg.connect(database.dsn())
    numbers = await look.fetchval("SELECT last FROM intake.counter")
    used = await look.fetch("SELECT appeal_id FROM intake.attachment WHERE used_at IS NOT NULL")
    events = await look.fetchval(
        "SELECT count(*) FROM intake.outbox WHERE subject = 'intake.attachment.used.v1'"
    )
    await look.close()
    assert numbers == 1, "what was refused has no number"
    assert {str(row["appeal_id"]) for row in used} == {made.json()["id"]}
    assert events == 2


async def test_two_appeals_at_once_do_not_share_a_file(office: Office) -> None:
    file = await office.upload()
    answers = await asyncio.gather(
        *(
            office.client.post(OPEN, json=appeal_body(attachments=[file["id"]]), headers=office.portal)
            for _ in range(4)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422]


async def test_only_own_files_of_the_region(office: Office) -> None:
    both = office.mint.headers("portal", ["46", "77"])
    foreign = await office.upload(headers=office.mint.headers("portal", client="other"))
    officials = await office.upload(headers=office.agency())
    elsewhere = await office.upload(headers=both, region="77")
    for file in (foreign["id"], officials["id"], elsewhere["id"], str(uuid7())):
        answer = await office.client.post(OPEN, json=appeal_body(attachments=[file]), headers=office.portal)
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["pointer"] == "/attachments/0"
    many = [str(uuid7()) for _ in range(11)]
    answer = await office.client.post(OPEN, json=appeal_body(attachments=many), headers=office.portal)
    assert answer.json()["type"] == "/problems/invalid"


async def test_a_batch_loses_only_the_line_whose_file_is_gone(office: Office) -> None:
    file = await office.upload()
    lines = [appeal_body(), appeal_body(attachments=[file["id"]]), appeal_body(attachments=[str(uuid7())])]
    answer = await office.client.post(
        f"{OPEN}/batch",
        content=b"\n".join(map(orjson.dumps, lines)),
        headers={**office.portal, "content-type": "application/x-ndjson"},
    )
    statuses = [orjson.loads(line)["status"] for line in answer.content.splitlines()]
    assert statuses == [201, 201, 422]


async def _held(office: Office) -> tuple[dict[str, Any], dict[str, Any]]:
    """A photo, and the appeal it came with, which an organisation holds."""
    file = await office.upload(photo_with_exif())
    appeal = await post(office.client, office.portal, attachments=[file["id"]])
    await handle(office.app, Story(UUID(appeal["id"])).created())
    return file, appeal


async def test_officials_see_a_photo_with_a_purpose_only(office: Office, database: Database) -> None:
    file, appeal = await _held(office)
    path, opened = f"{PATH}/{file['id']}", f"{OPEN}/{appeal['id']}/original"
    coordinator = office.mint.headers("coordinator")
    for who in (office.agency(), coordinator):
        refused = await office.client.get(path, headers=who)
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/purpose-needed")
        original = await office.client.post(opened, json={"purpose": "проверка места"}, headers=who)
        assert original.json()["attachments"] == [file["id"]]
        (photo,) = original.json()["photos"]
        assert (photo["lat"], photo["lon"]) == KURSK
        assert photo["taken_at"].startswith("2026-11-20T08:15:30")
        assert (await office.fetch(path, who)).status_code == 200
    stranger = office.agency(UUID(int=77))
    assert (await office.client.get(path, headers=stranger)).status_code == 404
    assert (
        await office.client.get(path, headers=office.mint.headers("coordinator", ["77"]))
    ).status_code == 404
    assert (await office.client.get(path, headers=office.mint.headers("analyst"))).status_code == 403
    another = office.mint.headers("coordinator", person=str(uuid7()))
    assert (await office.client.get(path, headers=another)).status_code == 403, "another person opened it"
    look = await asyncpg.connect(database.dsn())
    seen = await look.fetch(
        "SELECT role, purpose FROM intake.original_access WHERE attachment_id IS NOT NULL"
    )
    await look.close()
    assert sorted(row["role"] for row in seen) == ["agency", "coordinator"]
    assert {row["purpose"] for row in seen} == {"проверка места"}


async def test_files_are_erased_with_their_appeal(office: Office) -> None:
    file, appeal = await _held(office)
    other = await office.upload()
    async with office.app.state.resources.sessions.begin() as session:
        await open_all_rows(session)
        await erase_of_appeals(session, "46", [UUID(appeal["id"])])
    assert (await office.client.get(f"{PATH}/{file['id']}", headers=office.portal)).status_code == 404
    assert await delete_some_blobs(office.app.state.resources) == 0
    assert [path.name for path in office.files()] == [other["id"]]


@pytest.mark.parametrize("hours", [27, 71, 73])
async def test_what_nobody_uses_is_deleted_after_three_days(office: Office, hours: int) -> None:
    """It may be used within a day; but the news of a use may be late."""
    file, appeal = await _held(office)
    unused = await office.upload()
    async with office.app.state.resources.sessions.begin() as session:
        await open_all_rows(session)
        await purge_unused(session, datetime.now(UTC) + timedelta(hours=hours))
    await delete_some_blobs(office.app.state.resources)
    kept = {path.name for path in office.files()}
    assert kept == ({file["id"]} if hours > 72 else {file["id"], unused["id"]})
    assert appeal["id"]
