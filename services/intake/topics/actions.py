"""Keeping topics as they are announced."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows
from contracts.routing import TopicChanged
from services.intake.tables import topic
from services.intake.tables.topics import Topic

_NEWER = """
(region, code) DO UPDATE SET name = excluded.name, group_code = excluded.group_code, group_name = excluded.group_name,
    active = excluded.active, version = excluded.version
WHERE topic.version < excluded.version
"""


async def record_topics(session: AsyncSession, events: Sequence[TopicChanged]) -> None:
    """The newest announcement of each topic counts, in whatever order they come."""
    newest: dict[tuple[str, str], TopicChanged] = {}
    for event in events:
        known = newest.get((event.region, event.code))
        if known is None or known.sequence < event.sequence:
            newest[event.region, event.code] = event
    await insert_rows(session, topic, [_row_of(newest[key]) for key in sorted(newest)], on_conflict=_NEWER)


def _row_of(event: TopicChanged) -> Topic:
    return Topic(
        event.region,
        event.code,
        event.name,
        event.group,
        event.group_name,
        event.active,
        event.sequence,
    )
