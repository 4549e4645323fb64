"""The moderator's work list."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.cursors import Cursors
from chassis.security import Principal
from services.intake.models import within_regions
from services.intake.schemas.moderation import ModerationLine, ModerationPage


async def list_waiting(
    session: AsyncSession, principal: Principal, cursors: Cursors, region: str | None, cursor: str, limit: int
) -> ModerationPage:
    """Masked appeals that wait for a decision, oldest first."""
    position = cursors.decode("moderation", cursor)
    within, reach = within_regions(principal.regions_within(region))
    rows = (
        (
            await session.execute(
                text(
                    "SELECT a.id, a.number, a.region, a.channel, t.text, a.received_at, a.version FROM intake.appeal a "
                    "JOIN intake.appeal_text t ON t.region = a.region AND t.appeal_id = a.id "
                    f"WHERE {within} AND a.status = 'on_moderation' AND a.id > :after "
                    "ORDER BY a.id LIMIT :limit"
                ),
                {
                    **reach,
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
