"""Files are erased: their rows in the transaction of the cause, their blobs as soon as that is committed, however often it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows, run
from chassis.partitions import lowest_uuid7
from services.intake.attachments.actions.storage import Storage
from services.intake.attachments.rules.ages import oldest_kept

AT_ONCE: Final = 100
# Of files that an organisation gave to many appeals only the last one takes the file along.
_OF_APPEALS: Final = """
WITH unlinked AS (
    DELETE FROM intake.answer_attachment WHERE region = :region AND appeal_id = ANY(:ids::uuid[]) RETURNING attachment_id
), gone AS (
    DELETE FROM intake.attachment a WHERE a.region = :region AND (a.appeal_id = ANY(:ids::uuid[])
        OR (a.id IN (SELECT attachment_id FROM unlinked) AND NOT EXISTS (
            SELECT FROM intake.answer_attachment o WHERE o.region = a.region AND o.attachment_id = a.id
                AND o.appeal_id <> ALL(:ids::uuid[]))))
    RETURNING a.region, a.id
)
INSERT INTO intake.blob_removal (region, id, due_at) SELECT region, id, now() FROM gone ON CONFLICT DO NOTHING
"""
_UNUSED: Final = """
WITH gone AS (
    DELETE FROM intake.attachment WHERE used_at IS NULL AND id < :oldest RETURNING region, id
)
INSERT INTO intake.blob_removal (region, id, due_at) SELECT region, id, now() FROM gone ON CONFLICT DO NOTHING
"""
_DUE: Final = """
SELECT region, id FROM intake.blob_removal WHERE due_at <= now() ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED
"""
_DONE: Final = (
    "DELETE FROM intake.blob_removal WHERE region = ANY(:regions::text[]) AND id = ANY(:ids::uuid[])"
)


@dataclass(frozen=True, slots=True)
class _Due:
    region: str
    id: UUID


async def erase_of_appeals(session: AsyncSession, region: str, appeal_ids: Sequence[UUID]) -> None:
    """What was sent with appeals, and what they were answered with."""
    await run(session, _OF_APPEALS, region=region, ids=list(appeal_ids))


async def purge_unused(session: AsyncSession, now: datetime) -> None:
    """What nobody has used within a day."""
    await run(session, _UNUSED, oldest=lowest_uuid7(oldest_kept(now)))


async def delete_blobs(session: AsyncSession, storage: Storage) -> bool:
    """Delete some blobs whose time has come; whether there were any. One that cannot be deleted now is tried again."""
    due = await rows(session, _Due, _DUE, limit=AT_ONCE)
    for each in due:
        await storage.place.delete(each.id)
    if due:
        await run(
            session, _DONE, regions=sorted({each.region for each in due}), ids=[each.id for each in due]
        )
    return bool(due)
