"""An appeal takes the files that were uploaded for it: its own client's, of its region, of the last day, each once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.attachments import unknown_at
from chassis.db import column
from chassis.outbox import emit
from chassis.partitions import lowest_uuid7
from contracts.intake import AttachmentUsed
from services.intake.attachments.rules.ages import oldest_usable

_CLAIM = """
UPDATE intake.attachment SET appeal_id = :appeal, used_at = :now
WHERE region = :region AND id = ANY(:ids::uuid[]) AND client_id = :client AND used_at IS NULL AND id >= :oldest
RETURNING id
"""
_UNKNOWN: Final = "is not known, not yours, used or too old"


@dataclass(frozen=True, slots=True)
class Claim:
    """Files that an appeal names, in its order."""

    region: str
    appeal_id: UUID
    client_id: str
    attachments: tuple[UUID, ...]


async def claim_attachments(session: AsyncSession, claim: Claim, now: datetime) -> None:
    """422 where one of the files is not to be had: of somebody else, another region, used, or deleted; then the transaction is
    to be rolled back."""
    claimed = await column(
        session,
        UUID,
        _CLAIM,
        region=claim.region,
        appeal=claim.appeal_id,
        ids=sorted(claim.attachments),
        client=claim.client_id,
        now=now,
        oldest=lowest_uuid7(oldest_usable(now)),
    )
    missing = [place for place, each in enumerate(claim.attachments) if each not in set(claimed)]
    if missing:
        raise unknown_at(missing, _UNKNOWN)
    events = [
        AttachmentUsed(region=claim.region, attachment_id=each, appeal_id=claim.appeal_id, used_at=now)
        for each in claim.attachments
    ]
    await emit(session, *events)
