"""Blobs are deleted apart from each other: one that cannot be deleted keeps nobody from the others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest

from chassis.blobs import PlaceAway
from chassis.blobs.folder import FolderBlobs
from harness.databases import Database
from services.intake.workers import LOOK_FOR_BLOBS_SECONDS, delete_some_blobs
from tests.intake.attachments.conftest import Office


@pytest.fixture
async def look(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """Past row security."""
    connection = await asyncpg.connect(database.dsn())
    yield connection
    await connection.close()


async def due(office: Office, look: asyncpg.Connection) -> list[UUID]:
    """Three files whose time has come, in the order of their times."""
    files = [UUID((await office.upload())["id"]) for _ in range(3)]
    for minutes, file in zip((30, 20, 10), files, strict=True):
        await look.execute(
            "INSERT INTO intake.blob_removal VALUES ('46', $1, now() - make_interval(mins => $2))",
            file,
            minutes,
        )
    return files


async def waiting(look: asyncpg.Connection) -> dict[UUID, bool]:
    """What is to be deleted yet, and whether that is due now."""
    found = await look.fetch("SELECT id, due_at <= now() AS due FROM intake.blob_removal")
    return {row["id"]: row["due"] for row in found}


def broken(monkeypatch: pytest.MonkeyPatch, file: UUID, error: OSError) -> None:
    """A disk on which one file cannot be deleted."""
    delete = FolderBlobs.delete

    async def refuse(blobs: FolderBlobs, blob_id: UUID) -> None:
        if blob_id == file:
            raise error
        await delete(blobs, blob_id)

    monkeypatch.setattr(FolderBlobs, "delete", refuse)


async def test_one_blob_that_cannot_be_deleted_waits_alone(
    office: Office, look: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_ = await due(office, look)
    broken(monkeypatch, first, PermissionError())
    assert await delete_some_blobs(office.app.state.resources) == 0
    assert [path.name for path in office.files()] == [str(first)]
    assert await waiting(look) == {first: False}
    assert await delete_some_blobs(office.app.state.resources) == LOOK_FOR_BLOBS_SECONDS


async def test_a_place_that_is_away_is_asked_once(
    office: Office, look: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, second, third = await due(office, look)
    broken(monkeypatch, second, PlaceAway())
    assert await delete_some_blobs(office.app.state.resources) == LOOK_FOR_BLOBS_SECONDS
    assert await waiting(look) == {second: True, third: True}
    assert {path.name for path in office.files()} == {str(second), str(third)}


async def test_no_transaction_is_open_while_blobs_are_deleted(
    office: Office, look: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await due(office, look)
    delete, locked = FolderBlobs.delete, list[int]()

    async def count(blobs: FolderBlobs, blob_id: UUID) -> None:
        locked.append(
            await look.fetchval(
                "SELECT count(*) FROM pg_locks WHERE relation = 'intake.blob_removal'::regclass AND mode = 'RowExclusiveLock'"
            )
        )
        await delete(blobs, blob_id)

    monkeypatch.setattr(FolderBlobs, "delete", count)
    await delete_some_blobs(office.app.state.resources)
    assert locked == [0, 0, 0]
