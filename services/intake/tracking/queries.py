"""The citizen's view of an appeal."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import NotFound
from services.intake.appeals.queries.reading import answers_of, read_entries
from services.intake.history.rules.narrative import STATUSES, Registered, narrate_to_citizens
from services.intake.history.rules.packed import read_words
from services.intake.tracking.rules import may_clarify, may_rate, may_withdraw
from services.intake.tracking.schemas import TimelineLine, TrackView

_BY_CODE = (
    "SELECT a.*, o.key_id, o.sealed FROM intake.register r "
    "JOIN intake.appeal a ON a.region = r.region AND a.id = r.appeal_id "
    "JOIN intake.original o ON o.region = r.region AND o.appeal_id = r.appeal_id "
    "WHERE r.tracking_hash = :tracking_hash"
)


async def read_track(session: AsyncSession, tracking_hash: bytes) -> TrackView:
    """Status, deadline, timeline and answers; nothing personal."""
    row = (await session.execute(text(_BY_CODE), {"tracking_hash": tracking_hash})).mappings().first()
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
