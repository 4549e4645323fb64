"""Opening what a network delivered about an appeal: with a purpose, and never unseen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from chassis.principals import Principal
from chassis.problems import NotFound
from services.intake.channels.actions.arriving import open_evidence
from services.intake.channels.queries.directory import read_source
from services.intake.channels.rules.reading import Change
from services.intake.channels.schemas import EvidenceView, SourceEvidenceItem
from services.intake.originals.actions.opening import open_appeal
from services.intake.originals.rules import Secrets

_DELIVERIES: Final = """
SELECT region, event, change, at, received_at, key_id, sealed FROM intake.channel_delivery
WHERE region = ANY(:regions) AND appeal_id = :id ORDER BY at, received_at, event
"""


@dataclass(frozen=True, slots=True)
class _Delivered:
    region: str
    event: bytes
    change: Change | Literal["unread"]
    at: datetime
    received_at: datetime
    key_id: int
    sealed: bytes

    def open(self, secrets: Secrets) -> SourceEvidenceItem:
        evidence = open_evidence(secrets, self.event, self.key_id, self.sealed)
        delivery = evidence.delivery
        return SourceEvidenceItem(
            change=self.change,
            at=self.at,
            received_at=self.received_at,
            text=delivery.words or None if delivery else None,
            author=delivery.author.name or None if delivery else None,
            author_url=delivery.author.url if delivery else None,
            url=delivery.url if delivery else None,
            payload=orjson.loads(evidence.payload),
        )


async def open_source(
    session: AsyncSession, principal: Principal, secrets: Secrets, appeal_id: UUID, purpose: str
) -> EvidenceView:
    """Every delivery about an appeal, for whoever may open its original, and logged like that. 404 out of reach, and for
    an appeal that came another way."""
    original = await open_appeal(session, principal, secrets.keyring, appeal_id, purpose)
    found = await rows(session, _Delivered, _DELIVERIES, regions=principal.regions_within(), id=appeal_id)
    source = await read_source(session, found[0].region, appeal_id) if found else None
    if source is None:
        raise NotFound
    return EvidenceView(
        id=appeal_id,
        number=original.number,
        source=source,
        items=[each.open(secrets) for each in found],
    )
