"""How organisations kept their terms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from contracts.sla import ClockKind
from services.sla.clocks.schemas import Punctuality

_PUNCTUALITY: Final = (
    "SELECT organisation_id, count(*) AS measured, count(*) FILTER (WHERE state = 'met') AS in_time "
    "FROM sla.clock WHERE region = :region AND state IN ('met', 'breached') AND clock = :clock "
    "AND organisation_id IS NOT NULL "
    "AND (CAST(:since AS timestamptz) IS NULL OR sort_at >= :since) "
    "AND (CAST(:until AS timestamptz) IS NULL OR sort_at < :until) "
    "AND (CAST(:organisation AS uuid) IS NULL OR organisation_id = :organisation) "
    "GROUP BY organisation_id"
)


@dataclass(frozen=True, slots=True)
class _Kept:
    """How many of an organisation's clocks ended or are overdue, and how many were met."""

    organisation_id: UUID
    measured: int
    in_time: int

    def rate(self, minimum: int) -> Punctuality:
        """With the share, where there are enough."""
        enough = self.measured >= minimum
        return Punctuality(
            organisation_id=self.organisation_id,
            measured=self.measured,
            in_time=self.in_time,
            late=self.measured - self.in_time,
            share=round(self.in_time / self.measured, 4) if enough else None,
            enough=enough,
        )


async def measure_punctuality(
    session: AsyncSession,
    region: str,
    clock: ClockKind,
    since: datetime | None,
    until: datetime | None,
    organisation: UUID | None,
    minimum: int,
) -> list[Punctuality]:
    """Kept and broken clocks per organisation by due time in [since, until); an overdue one counts as broken."""
    found = await rows(
        session,
        _Kept,
        _PUNCTUALITY,
        region=region,
        clock=clock,
        since=since,
        until=until,
        organisation=organisation,
    )
    items = [each.rate(minimum) for each in found]
    return sorted(items, key=lambda item: (item.share is None, item.share or 0.0, -item.measured))
