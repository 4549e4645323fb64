"""An update that the sender of a request writes: the reply to what an organisation asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, scalar
from chassis.principals import Principal
from chassis.problems import NotFound, Problem
from services.intake.history.rules.public import PUBLIC_CHANNEL
from services.intake.open311.rules.forms import Sent
from services.intake.open311.schemas.documents import CreatedUpdate
from services.intake.originals.rules import Secrets
from services.intake.registration.rules.numbers import parse_number
from services.intake.tracking.actions import clarify_appeal
from services.intake.tracking.schemas import NewClarification

_OWN: Final = f"""
SELECT region, number FROM intake.appeal
WHERE region = ANY(:regions) AND id = :id AND client_id = :client AND channel = '{PUBLIC_CHANNEL}'
"""
_HASH: Final = """
SELECT tracking_hash FROM intake.register WHERE region = :region AND year = :year AND sequence = :sequence
"""


@dataclass(frozen=True, slots=True)
class _Own:
    region: str
    number: str


async def take_update(
    session: AsyncSession, secrets: Secrets, principal: Principal, request_id: UUID, sent: Sent, now: datetime
) -> CreatedUpdate:
    """A clarification by the client that sent the request. 404 for another's; 400 where nobody has asked anything.

    The same words again are the same update.
    """
    own = await row(
        session,
        _Own,
        _OWN,
        regions=principal.regions_within(),
        id=request_id,
        client=principal.client_id,
    )
    number = parse_number(own.number) if own else None
    if own is None or number is None:
        raise NotFound("service_request_id was not found among your requests.")
    tracking_hash = await scalar(session, bytes, _HASH, region=own.region, year=number[1], sequence=number[2])
    if tracking_hash is None:
        raise NotFound("service_request_id was not found among your requests.")
    made = await clarify_appeal(session, secrets, tracking_hash, _words_of(sent), now)
    return CreatedUpdate(update_id=sent.get("update_id") or f"{request_id}-{made.clarified_at:%Y%m%d%H%M%S}")


def _words_of(sent: Sent) -> NewClarification:
    try:
        return NewClarification(text=sent.get("description") or "")
    except ValidationError:
        raise Problem("description was not provided, or is longer than 2000 characters.") from None
