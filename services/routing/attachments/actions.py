"""What came in is kept in mind; an answer names its files, which are its organisation's own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import column, insert_rows, run
from chassis.outbox import emit
from chassis.partitions import lowest_uuid7
from chassis.principals import Principal
from chassis.problems import Problem
from contracts.intake import AttachmentStored, AttachmentUsed
from contracts.routing import AnswerAttached
from services.routing.assignments.actions.locks import LockedAssignment
from services.routing.attachments.rules import bands_of
from services.routing.tables.attachments import (
    BY_CITIZEN,
    Attachment,
    AttachmentUse,
    PhotoBand,
    attachment,
    attachment_use,
    photo_band,
)

USABLE: Final = timedelta(hours=24)
FORGOTTEN_AFTER: Final = timedelta(days=3)
# Who uploads a file and answers at once is faster than the news of the file.
ON_THE_WAY: Final = timedelta(seconds=15)
_PATIENCE_SECONDS: Final = 3.0
_LOOK_AGAIN_SECONDS: Final = 0.05
_USABLE: Final = """
SELECT a.id FROM routing.attachment a
WHERE a.region = ANY(:regions::text[]) AND a.organisation_id = :organisation AND a.id = ANY(:ids::uuid[])
    AND (a.id >= :oldest OR EXISTS (
        SELECT FROM routing.attachment_use u WHERE u.region = a.region AND u.attachment_id = a.id))
"""
_PURGE: Final = """
WITH gone AS (
    DELETE FROM routing.attachment a WHERE a.id < :oldest AND NOT EXISTS (
        SELECT FROM routing.attachment_use u WHERE u.region = a.region AND u.attachment_id = a.id)
    RETURNING a.region, a.organisation_id, a.id
)
DELETE FROM routing.photo_band b USING gone g
WHERE b.region = g.region AND b.organisation_id = g.organisation_id AND b.attachment_id = g.id
"""


class AttachmentUnknown(Problem):
    status, slug, title = 422, "attachment-unknown", "There is no such attachment that could be used"


async def keep_stored(session: AsyncSession, events: Sequence[AttachmentStored]) -> None:
    """Whose a file is, and by what a photo is known again."""
    ordered = sorted(events, key=lambda event: (event.region, event.attachment_id))
    kept = [
        Attachment(event.region, event.attachment_id, event.organisation_id, list(event.signs))
        for event in ordered
    ]
    await insert_rows(session, attachment, kept, on_conflict="DO NOTHING")
    bands = [
        PhotoBand(event.region, event.organisation_id, band, event.attachment_id)
        for event in ordered
        if event.organisation_id is not None
        for band in bands_of(event.signs)
    ]
    await insert_rows(session, photo_band, bands, on_conflict="DO NOTHING")


async def keep_used(session: AsyncSession, events: Sequence[AttachmentUsed]) -> None:
    """Which files came with an appeal."""
    uses = sorted({(event.region, event.appeal_id, event.attachment_id) for event in events})
    kept = [AttachmentUse(region, appeal, BY_CITIZEN, file, None) for region, appeal, file in uses]
    await insert_rows(session, attachment_use, kept, on_conflict="DO NOTHING")


async def require_attachments(
    session: AsyncSession, principal: Principal, named: Iterable[UUID] | None
) -> tuple[UUID, ...]:
    """The files that an answer names, each once. 422 for what its organisation may not use; files of a moment ago are waited
    for. Comes before anything is locked."""
    wanted = tuple(dict.fromkeys(named or ()))
    if not wanted:
        return ()
    began = asyncio.get_running_loop().time()
    while missing := await _missing(session, principal, wanted):
        if not _may_be_on_the_way(missing) or asyncio.get_running_loop().time() - began > _PATIENCE_SECONDS:
            raise _unknown([wanted.index(each) for each in missing])
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    return wanted


async def _missing(session: AsyncSession, principal: Principal, wanted: Sequence[UUID]) -> list[UUID]:
    known = await column(
        session,
        UUID,
        _USABLE,
        regions=principal.regions_within(),
        organisation=principal.organisation,
        ids=sorted(wanted),
        oldest=lowest_uuid7(datetime.now(UTC) - USABLE),
    )
    return [each for each in wanted if each not in set(known)]


def _may_be_on_the_way(missing: Iterable[UUID]) -> bool:
    now = datetime.now(UTC)
    first, last = lowest_uuid7(now - ON_THE_WAY), lowest_uuid7(now + ON_THE_WAY)
    return all(first <= each <= last for each in missing)


def _unknown(places: Iterable[int]) -> AttachmentUnknown:
    return AttachmentUnknown(
        "Nothing was stored. Upload the files again.",
        errors=[
            {"pointer": f"/attachments/{place}", "message": "is not known, not yours, or too old"}
            for place in places
        ],
    )


@dataclass(frozen=True, slots=True)
class GivenWith:
    """An answer, and the assignment that it is given to."""

    answer_id: UUID
    to: LockedAssignment


async def attach(session: AsyncSession, answers: Sequence[GivenWith], files: Sequence[UUID]) -> None:
    """The files belong to these answers from now on."""
    if not files:
        return
    uses = [
        AttachmentUse(
            each.to.assignment.region,
            each.to.assignment.appeal_id,
            each.answer_id,
            file,
            each.to.assignment.organisation_id,
        )
        for each in answers
        for file in files
    ]
    await insert_rows(session, attachment_use, uses)
    await emit(session, *(_attached(each, files) for each in answers))


def _attached(given: GivenWith, files: Sequence[UUID]) -> AnswerAttached:
    return AnswerAttached(
        **given.to.event_keys(),
        answer_id=given.answer_id,
        organisation=given.to.organisation,
        attachments=tuple(files),
        attached_at=given.to.at,
    )


async def purge_unused(session: AsyncSession) -> None:
    """Files that were used nowhere."""
    await run(session, _PURGE, oldest=lowest_uuid7(datetime.now(UTC) - FORGOTTEN_AFTER))
