"""Whether photos were seen before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import column, rows
from services.routing.attachments.rules import are_same, bands_of
from services.routing.tables.attachments import BY_CITIZEN

CANDIDATES: Final = 2_000
_OWN = "SELECT id, signs FROM routing.attachment WHERE region = :region AND id = ANY(:ids::uuid[])"
_OF_CITIZEN = """
SELECT a.id, a.signs FROM routing.attachment_use u
JOIN routing.attachment a ON a.region = u.region AND a.id = u.attachment_id
WHERE u.region = :region AND u.appeal_id = :appeal AND u.answer_id = :citizen
"""
# Photos that share a part of a sign and stand under an answer to another appeal, the newest first.
_CANDIDATES = """
SELECT a.id, a.signs FROM (
    SELECT DISTINCT p.attachment_id FROM routing.photo_band p
    WHERE p.region = :region AND p.organisation_id = :organisation AND p.band = ANY(:bands::int[])
        AND EXISTS (SELECT FROM routing.attachment_use u WHERE u.region = p.region AND u.attachment_id = p.attachment_id
            AND u.answer_id <> :citizen AND (:appeal::uuid IS NULL OR u.appeal_id <> :appeal::uuid))
    ORDER BY p.attachment_id DESC LIMIT :limit) AS b
JOIN routing.attachment a ON a.region = :region AND a.id = b.attachment_id
"""
_OF_ANSWER = """
SELECT attachment_id FROM routing.attachment_use WHERE region = :region AND answer_id = :answer ORDER BY attachment_id
"""


@dataclass(frozen=True, slots=True)
class _Photo:
    id: UUID
    signs: list[str]


async def was_seen_before(
    session: AsyncSession, region: str, organisation_id: UUID, appeal_id: UUID | None, ids: Sequence[UUID]
) -> bool:
    """Whether one of these photos stands under an answer of the organisation to another appeal, or came with this appeal."""
    photos = [each for each in await rows(session, _Photo, _OWN, region=region, ids=list(ids)) if each.signs]
    if not photos:
        return False
    signs = [sign for photo in photos for sign in photo.signs]
    seen = await rows(
        session,
        _Photo,
        _CANDIDATES,
        region=region,
        organisation=organisation_id,
        bands=bands_of(signs),
        appeal=appeal_id,
        citizen=BY_CITIZEN,
        limit=CANDIDATES,
    )
    if appeal_id is not None:
        seen += await rows(session, _Photo, _OF_CITIZEN, region=region, appeal=appeal_id, citizen=BY_CITIZEN)
    return any(are_same(photo.signs, other.signs) for photo in photos for other in seen)


async def files_of_answer(session: AsyncSession, region: str, answer_id: UUID) -> list[UUID]:
    """Files that were given with an answer."""
    return await column(session, UUID, _OF_ANSWER, region=region, answer=answer_id)
