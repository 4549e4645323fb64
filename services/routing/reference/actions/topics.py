"""Topics and their groups, changed by hand."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import emit
from chassis.replacing import changed_fields, refuse_changes
from services.routing.reference.actions.loading import bump_reference, lock_reference, put_topics, require_known
from services.routing.reference.schemas.reference import ChangedTopic, NewTopics, Reference, TopicView

_CURRENT = """
SELECT t.region, t.code, t.name, t.group_code AS "group", coalesce(g.name, t.group_code) AS group_name,
    t.active, t.version
FROM routing.topic t LEFT JOIN routing.topic_group g ON g.region = t.region AND g.code = t.group_code
WHERE t.region = :region AND t.code = ANY(:codes)
"""


async def change_topics(session: AsyncSession, body: NewTopics) -> list[str]:
    """Create or change topics and groups; returns the codes that changed."""
    region = body.of_region
    place, topics = body.sent
    await lock_reference(session, region)
    await require_known(session, region, Reference(groups=body.groups, topics=topics), place)
    await _require_unchanged(session, region, body)
    events = await put_topics(session, region, body.groups, topics)
    if events:
        await bump_reference(session, region)
    await emit(session, *events)
    return [event.code for event in events]


async def _require_unchanged(session: AsyncSession, region: str, body: NewTopics) -> None:
    """422 where read-only fields were changed, a group's name among them: of the old group or the new it is neither."""
    place, topics = body.sent
    found = await session.execute(text(_CURRENT), {"region": region, "codes": [row.code for row in topics]})
    current = {row["code"]: TopicView.model_validate(dict(row)) for row in found.mappings()}
    named = await session.execute(
        text("SELECT code, name FROM routing.topic_group WHERE region = :region"), {"region": region}
    )
    names = {row.code: row.name for row in named} | {group.code: group.name for group in body.groups}
    changed: list[str] = []
    for number, topic in enumerate(topics):
        if topic.group_name == names.get(topic.group):
            topic = _without_group_name(topic)
        changed += changed_fields(topic, current.get(topic.code), f"{place}/{number}")
    refuse_changes(changed[:50])


def _without_group_name(topic: ChangedTopic) -> ChangedTopic:
    return ChangedTopic(**topic.model_dump(exclude_unset=True, exclude={"group_name"}))
