"""Files are erased: their rows in the transaction of the cause, their blobs as soon as that is committed, however often it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.blobs import PlaceAway
from chassis.db import rows, run
from chassis.partitions import lowest_uuid7
from services.intake.attachments.actions.storage import Storage
from services.intake.attachments.rules.ages import oldest_kept

log = structlog.get_logger()
AT_ONCE: Final = 100
TRIED_AGAIN_AFTER: Final = timedelta(hours=1)
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
# Whoever takes some puts them off first: what cannot be deleted keeps nobody from the others, and is tried again later.
_TAKE: Final = """
UPDATE intake.blob_removal r SET due_at = now() + CAST(:again AS interval)
FROM (SELECT region, id FROM intake.blob_removal WHERE due_at <= now() ORDER BY due_at LIMIT :limit
    FOR UPDATE SKIP LOCKED) d
WHERE r.region = d.region AND r.id = d.id
RETURNING r.region, r.id
"""
_DONE: Final = """
DELETE FROM intake.blob_removal r USING unnest(:regions::text[], :ids::uuid[]) AS k(region, id)
WHERE r.region = k.region AND r.id = k.id
"""
_PUT_BACK: Final = """
UPDATE intake.blob_removal r SET due_at = now() FROM unnest(:regions::text[], :ids::uuid[]) AS k(region, id)
WHERE r.region = k.region AND r.id = k.id
"""


@dataclass(frozen=True, slots=True)
class DueBlob:
    """A blob whose time has come."""

    region: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Deletions:
    """What became of blobs: `done` are gone, `untried` were not come to because the place is away; others failed, each for itself."""

    done: Sequence[DueBlob]
    untried: Sequence[DueBlob]


async def erase_of_appeals(session: AsyncSession, region: str, appeal_ids: Sequence[UUID]) -> None:
    """What was sent with appeals, and what they were answered with."""
    await run(session, _OF_APPEALS, region=region, ids=list(appeal_ids))


async def purge_unused(session: AsyncSession, now: datetime) -> None:
    """What nobody has used, once nobody can have used it unheard."""
    await run(session, _UNUSED, oldest=lowest_uuid7(oldest_kept(now)))


async def take_due_blobs(session: AsyncSession) -> list[DueBlob]:
    """Some blobs whose time has come, for whoever deletes them next; they come due again in an hour."""
    return await rows(session, DueBlob, _TAKE, limit=AT_ONCE, again=TRIED_AGAIN_AFTER)


async def delete_blobs(storage: Storage, due: Sequence[DueBlob]) -> Deletions:
    """Delete them where they lie; without a transaction, as each may take seconds."""
    done: list[DueBlob] = []
    for number, each in enumerate(due):
        try:
            await storage.place.delete(each.id)
        except PlaceAway:
            return Deletions(done, due[number:])
        except OSError as error:
            log.error("a blob cannot be deleted", attachment_id=str(each.id), error=type(error).__name__)
        else:
            done.append(each)
    return Deletions(done, ())


async def note_deletions(session: AsyncSession, deletions: Deletions) -> None:
    """What is gone is not to be deleted any more; what was not tried is due at once."""
    for statement, blobs in ((_DONE, deletions.done), (_PUT_BACK, deletions.untried)):
        if blobs:
            await run(
                session, statement, regions=[each.region for each in blobs], ids=[each.id for each in blobs]
            )
