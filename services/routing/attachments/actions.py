"""What came in is kept in mind; an answer names its files, which are its organisation's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.attachments import unknown_at
from chassis.db import column, insert_rows, run
from chassis.moments import utc_now
from chassis.outbox import emit
from chassis.partitions import lowest_uuid7
from chassis.principals import Principal
from contracts.attachments import KEPT_UNUSED, USABLE
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

_UNKNOWN: Final = "is not known, not yours, or too old"
_USABLE: Final = """
SELECT a.id FROM routing.attachment a
WHERE a.region = ANY(:regions::text[]) AND a.organisation_id = :organisation AND a.id = ANY(:ids::uuid[])
    AND (a.id >= :oldest OR a.is_used)
"""
# News of a file and of its use come in any order.
_USE: Final = """
UPDATE routing.attachment a SET is_used = true FROM unnest(:regions::text[], :ids::uuid[]) AS k(region, id)
WHERE a.region = k.region AND a.id = k.id AND NOT a.is_used AND EXISTS (
    SELECT FROM routing.attachment_use u WHERE u.region = a.region AND u.attachment_id = a.id)
"""
_PURGE: Final = """
WITH gone AS (
    DELETE FROM routing.attachment a WHERE a.id < :oldest AND NOT a.is_used
    RETURNING a.region, a.organisation_id, a.id
)
DELETE FROM routing.photo_band b USING gone g
WHERE b.region = g.region AND b.organisation_id = g.organisation_id AND b.attachment_id = g.id
"""


async def keep_stored(session: AsyncSession, events: Sequence[AttachmentStored]) -> None:
    """Whose a file is, and by what a photo is known again."""
    ordered = sorted(events, key=lambda event: (event.region, event.attachment_id))
    kept = [
        Attachment(event.region, event.attachment_id, event.organisation_id, list(event.signs), is_used=False)
        for event in ordered
    ]
    await insert_rows(session, attachment, kept, on_conflict="DO NOTHING")
    await _note_use(session, [(event.region, event.attachment_id) for event in ordered])
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
    await _note_use(session, sorted({(region, file) for region, _, file in uses}))


async def _note_use(session: AsyncSession, files: Sequence[tuple[str, UUID]]) -> None:
    """Files (region, id) that are used somewhere are kept; they are changed in the order of their keys."""
    regions, ids = [region for region, _ in files], [file for _, file in files]
    await run(session, _USE, regions=regions, ids=ids)


async def require_attachments(
    session: AsyncSession, principal: Principal, named: Iterable[UUID] | None
) -> tuple[UUID, ...]:
    """The files that an answer names, each once. 422 for what its organisation may not use."""
    wanted = tuple(dict.fromkeys(named or ()))
    if wanted and (missing := await missing_of(session, principal, wanted)):
        raise unknown_at([wanted.index(each) for each in missing], _UNKNOWN)
    return wanted


async def missing_of(session: AsyncSession, principal: Principal, wanted: Sequence[UUID]) -> list[UUID]:
    """Which of these files the organisation may not use, or has not been heard to have."""
    known = await column(
        session,
        UUID,
        _USABLE,
        regions=principal.regions_within(),
        organisation=principal.organisation,
        ids=sorted(wanted),
        oldest=lowest_uuid7(utc_now() - USABLE),
    )
    return [each for each in wanted if each not in set(known)]


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
    await _note_use(session, sorted({(use.region, use.attachment_id) for use in uses}))
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
    await run(session, _PURGE, oldest=lowest_uuid7(utc_now() - KEPT_UNUSED))
