"""The citizen's view of an appeal."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import NotFound
from services.intake.models.reach import BY_CODE
from services.intake.queries.appeals import answers_of, read_entries
from services.intake.rules.citizens import may_clarify, may_rate, may_withdraw
from services.intake.rules.packed import read_words
from services.intake.rules.wording import STATUSES, Registered, narrate_to_citizens
from services.intake.schemas.tracking import TimelineLine, TrackView


async def read_track(session: AsyncSession, tracking_hash: bytes) -> TrackView:
    """Status, deadline, timeline and answers; nothing personal."""
    row = (await session.execute(text(BY_CODE), {"tracking_hash": tracking_hash})).mappings().first()
    if row is None:
        raise NotFound
    words = read_words(dict(row))
    entries = await read_entries(session, row["region"], row["id"])
    sentences = narrate_to_citizens(entries, Registered(row["number"], row["received_at"]))
    rated = await session.scalars(
        text("SELECT answer_id FROM intake.rating WHERE region = :region AND appeal_id = :id"),
        {"region": row["region"], "id": row["id"]},
    )
    return TrackView(
        number=row["number"],
        status=row["status"],
        status_name=STATUSES[row["status"]],
        received_at=row["received_at"],
        due_on=row["due_on"],
        due_reason=words["due_reason"],
        organisation=words["organisation_name"],
        topic=words["topic_name"],
        timeline=[TimelineLine.model_validate(line, from_attributes=True) for line in sentences],
        answers=answers_of(entries),
        promised_on=row["promised_on"],
        may_rate=may_rate(row["status"], entries, set(rated)),
        may_clarify=may_clarify(row["status"], entries),
        may_withdraw=may_withdraw(row["status"]),
    )
