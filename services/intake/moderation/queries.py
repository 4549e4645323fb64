"""The moderator's work list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.cursors import Cursors
from chassis.db import rows
from chassis.pages import merge_ranges
from chassis.principals import Principal
from services.intake.moderation.schemas import ModerationLine, ModerationPage

_WAITING = merge_ranges(
    "unnest(:regions::text[]) AS r(region)",
    "SELECT a.id, a.number, a.region, a.channel, t.text, a.received_at, a.version FROM intake.appeal a "
    "JOIN intake.appeal_text t ON t.region = a.region AND t.appeal_id = a.id "
    "WHERE a.region = r.region AND a.status = 'on_moderation' AND a.id > :after",
    "id",
)


@dataclass(frozen=True, slots=True)
class _Waiting:
    id: UUID
    number: str
    region: str
    channel: str
    text: str
    received_at: datetime
    version: int


async def list_waiting(
    session: AsyncSession, principal: Principal, cursors: Cursors, region: str | None, cursor: str, limit: int
) -> ModerationPage:
    """Masked appeals that wait for a decision, oldest first."""
    position = cursors.decode("moderation", cursor)
    waiting = await rows(
        session,
        _Waiting,
        _WAITING,
        regions=principal.regions_within(region),
        after=UUID(position[0]) if position else UUID(int=0),
        limit=limit + 1,
    )
    items = [ModerationLine.model_validate(each, from_attributes=True) for each in waiting[:limit]]
    more = len(waiting) > limit
    return ModerationPage(
        items=items, next_cursor=cursors.encode("moderation", str(items[-1].id)) if more else None
    )
