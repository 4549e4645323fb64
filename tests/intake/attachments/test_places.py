"""Files lie in S3 where that is configured, and an antivirus sees them where there is one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from chassis.db import open_all_rows
from harness.clamd import VIRUS, clamd
from harness.databases import Database
from harness.s3 import Bucket
from harness.tokens import TokenMint
from services.intake.attachments.actions.erasing import erase_of_appeals
from services.intake.workers import delete_some_blobs
from tests.intake.attachments.conftest import PATH, Office
from tests.intake.attachments.files import Sent, image, pdf
from tests.intake.conftest import post


async def test_files_lie_in_a_bucket(app_client: Callable[..., Any], mint: TokenMint, tmp_path: Path) -> None:
    bucket = Bucket()
    server, address = await bucket.serve()
    client, app = await app_client(
        "intake",
        OTKLIK_S3_BUCKET=bucket.name,
        OTKLIK_S3_ENDPOINT=address,
        OTKLIK_S3_ACCESS_KEY="access",
        OTKLIK_S3_SECRET_KEY="secret",
    )
    office = Office(client, app, mint, tmp_path / "attachments")
    large = pdf("(" + "x" * 7_000_000 + ")")  # in several parts
    for content in (Sent("", "a.pdf", "application/pdf", large), Sent("", "a.pdf", "", pdf())):
        file = await office.upload(content)
        answer = await office.fetch(f"{PATH}/{file['id']}", office.portal)
        assert answer.content == content.content
    assert office.files() == [], "nothing is left here"
    assert not any(b"%PDF" in kept for kept in bucket.objects.values())
    bucket.is_away = True
    assert (await office.send()).status_code == 503
    appeal = await post(client, office.portal, attachments=[file["id"]])
    bucket.is_away = False
    async with app.state.resources.sessions.begin() as session:
        await open_all_rows(session)
        await erase_of_appeals(session, "46", [UUID(appeal["id"])])
    await delete_some_blobs(app.state.resources)
    assert not [key for key in bucket.objects if file["id"] in key]
    assert len(bucket.objects) == 1
    server.close()


async def test_the_antivirus_is_asked(
    app_client: Callable[..., Any], mint: TokenMint, tmp_path: Path, database: Database
) -> None:
    seen: list[int] = []
    async with clamd(tmp_path / "clamd.sock", seen) as address:
        client, app = await app_client("intake", OTKLIK_CLAMD=address, OTKLIK_CLAMD_REQUIRED="true")
        office = Office(client, app, mint, tmp_path / "attachments")
        await office.upload()
        assert seen == [len(image())]
        infected = await office.send(image() + VIRUS)
        assert infected.status_code == 422
        assert "virus" in infected.json()["detail"]
    away = await office.send()
    assert away.status_code == 503, "nobody has looked at it"
    look = await asyncpg.connect(database.dsn())
    assert await look.fetch("SELECT is_scanned FROM intake.attachment") == [(True,)]
    await look.close()
    assert len(office.files()) == 1


async def test_without_an_antivirus_files_are_marked(
    app_client: Callable[..., Any], mint: TokenMint, tmp_path: Path, database: Database
) -> None:
    client, app = await app_client("intake", OTKLIK_CLAMD=f"unix:{tmp_path}/nobody.sock")
    await Office(client, app, mint, tmp_path).upload()
    look = await asyncpg.connect(database.dsn())
    assert await look.fetch("SELECT is_scanned FROM intake.attachment") == [(False,)]
    await look.close()


async def test_a_required_antivirus_has_to_be_named(app_client: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match="OTKLIK_CLAMD"):
        await app_client("intake", OTKLIK_CLAMD_REQUIRED="true")


async def test_without_a_place_nothing_is_taken(
    app_client: Callable[..., Any], mint: TokenMint, tmp_path: Path
) -> None:
    client, app = await app_client("intake", OTKLIK_ATTACHMENTS_FOLDER="")
    assert (await Office(client, app, mint, tmp_path).send()).status_code == 503
