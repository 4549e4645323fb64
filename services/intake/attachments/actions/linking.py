"""Files of answers belong to every appeal that the answer was given to."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows, run, scalar
from contracts.routing import AnswerAttached
from services.intake.tables import answer_attachment
from services.intake.tables.attachments import AnswerAttachment

log = structlog.get_logger()
_USE = """
UPDATE intake.attachment a SET used_at = u.at
FROM (SELECT region, id, min(at) AS at FROM unnest(:regions::text[], :ids::uuid[], :times::timestamptz[]) AS r(region, id, at)
    GROUP BY region, id) u
WHERE a.region = u.region AND a.id = u.id AND a.used_at IS NULL
"""
_COUNT_GONE = """
SELECT count(*) FROM (SELECT DISTINCT region, id FROM unnest(:regions::text[], :ids::uuid[]) AS r(region, id)) u
WHERE NOT EXISTS (SELECT FROM intake.attachment a WHERE a.region = u.region AND a.id = u.id)
"""


async def link_answers(session: AsyncSession, events: Sequence[AnswerAttached]) -> None:
    """Note whose they are; from then on they are kept. A file that was erased before is a fault of ours, and is logged."""
    links = {
        AnswerAttachment(event.region, event.appeal_id, event.answer_id, each, event.organisation.id): event
        for event in events
        for each in event.attachments
    }
    ordered = sorted(
        links, key=lambda link: (link.region, link.appeal_id, link.answer_id, link.attachment_id)
    )
    await insert_rows(session, answer_attachment, ordered, on_conflict="DO NOTHING")
    regions, ids = [link.region for link in ordered], [link.attachment_id for link in ordered]
    times = [links[link].attached_at for link in ordered]
    await run(session, _USE, regions=regions, ids=ids, times=times)
    if gone := await scalar(session, int, _COUNT_GONE, regions=regions, ids=ids):
        log.error("files of answers are not here any more", files=gone, answers=len(events))
