"""The moderator's work list."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.cursors import Cursors
from chassis.pages import merge_ranges
from chassis.security import Principal
from services.intake.moderation.schemas import ModerationLine, ModerationPage

_WAITING = (
    "SELECT a.id, a.number, a.region, a.channel, t.text, a.received_at, a.version FROM intake.appeal a "
    "JOIN intake.appeal_text t ON t.region = a.region AND t.appeal_id = a.id "
    "WHERE a.region = r.region AND a.status = 'on_moderation' AND a.id > :after"
)


async def list_waiting(
    session: AsyncSession, principal: Principal, cursors: Cursors, region: str | None, cursor: str, limit: int
) -> ModerationPage:
    """Masked appeals that wait for a decision, oldest first."""
    position = cursors.decode("moderation", cursor)
    rows = (
        (
            await session.execute(
                text(merge_ranges("unnest(CAST(:regions AS text[])) AS r(region)", _WAITING, "id")),
                {
                    "regions": principal.regions_within(region),
                    "after": UUID(position[0]) if position else UUID(int=0),
                    "limit": limit + 1,
                },
            )
        )
        .mappings()
        .all()
    )
    items = [ModerationLine.model_validate(dict(row)) for row in rows[:limit]]
    more = len(rows) > limit
    return ModerationPage(
        items=items, next_cursor=cursors.encode("moderation", str(items[-1].id)) if more else None
    )
