"""A danger that a citizen reports of an appeal that is there already: it is an appeal of its own, as in the networks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row
from chassis.logs import traceparent_now
from chassis.problems import Problem
from contracts.intake import Channel
from services.intake.originals.rules import OriginalData, Secrets
from services.intake.registration.actions.preparing import prepare_submission
from services.intake.registration.actions.registering import submit_appeals
from services.intake.registration.schemas import NewAppeal

CLIENT: Final = "tracking"  # in whose name: no portal has sent it
_ENDANGERED: Final = """
UPDATE intake.appeal SET danger = true WHERE region = :region AND id = :id AND danger IS NOT TRUE
RETURNING number, channel, municipality, lat, lon
"""


@dataclass(frozen=True, slots=True)
class _Endangered:
    """The appeal that was of no danger so far."""

    number: str
    channel: Channel
    municipality: str | None
    lat: float | None
    lon: float | None


async def register_danger(
    session: AsyncSession,
    secrets: Secrets,
    region: str,
    appeal_id: UUID,
    original: OriginalData,
    words: str,
    now: datetime,
) -> None:
    """Whoever works on the appeal might read of it too late: coordinators see it at once, and it is never moderated. Once: of an
    appeal that is a danger itself, or has told of one, they know."""
    found = await row(session, _Endangered, _ENDANGERED, region=region, id=appeal_id)
    if found is None:
        return
    new = NewAppeal.model_validate(
        {
            "region": region,
            "channel": found.channel,
            "municipality": found.municipality,
            "address": original.address,
            "location": None if found.lat is None else {"lat": found.lat, "lon": found.lon},
            "applicant": original.applicant or None,
            "text": f"{words}\n(Дополнение к обращению № {found.number})",
        }
    )
    submission = prepare_submission(
        secrets, new, client_id=CLIENT, now=now, traceparent=traceparent_now.get()
    )
    for outcome in await submit_appeals(session, secrets, [submission]):
        if isinstance(outcome, Problem):
            raise outcome
