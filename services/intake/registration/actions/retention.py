"""What is kept for a while only."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.idempotency import KEEP_DAYS
from chassis.partitions import lowest_uuid7
from services.intake.registration.actions.preparing import EXTERNAL_ID


async def forget_passing_keys(session: AsyncSession, now: datetime) -> None:
    """Idempotency keys live a week from the appeal they made; a portal's own ids stay for ever."""
    await session.execute(
        text(f"DELETE FROM intake.submission_key WHERE kind <> {EXTERNAL_ID} AND appeal_id < :oldest"),
        {"oldest": lowest_uuid7(now - timedelta(days=KEEP_DAYS))},
    )
