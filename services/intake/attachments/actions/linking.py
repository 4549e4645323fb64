"""Files of answers belong to every appeal that the answer was given to."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows, run
from contracts.routing import AnswerAttached
from services.intake.tables import answer_attachment
from services.intake.tables.attachments import AnswerAttachment

_USE = """
UPDATE intake.attachment a SET used_at = u.at
FROM (SELECT region, id, min(at) AS at FROM unnest(:regions::text[], :ids::uuid[], :times::timestamptz[]) AS r(region, id, at)
    GROUP BY region, id) u
WHERE a.region = u.region AND a.id = u.id AND a.used_at IS NULL
"""


async def link_answers(session: AsyncSession, events: Sequence[AnswerAttached]) -> None:
    """Note whose they are; from then on they are kept."""
    links = {
        AnswerAttachment(event.region, event.appeal_id, event.answer_id, each, event.organisation.id): event
        for event in events
        for each in event.attachments
    }
    ordered = sorted(
        links, key=lambda link: (link.region, link.appeal_id, link.answer_id, link.attachment_id)
    )
    await insert_rows(session, answer_attachment, ordered, on_conflict="DO NOTHING")
    await run(
        session,
        _USE,
        regions=[link.region for link in ordered],
        ids=[link.attachment_id for link in ordered],
        times=[links[link].attached_at for link in ordered],
    )
