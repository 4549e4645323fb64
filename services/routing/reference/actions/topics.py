"""Topics and their groups, changed by hand."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from chassis.outbox import emit
from chassis.replacing import changed_fields, refuse_changes
from services.routing.reference.actions.changes import put_topics
from services.routing.reference.actions.loading import ERRORS_SHOWN, require_known
from services.routing.reference.actions.versions import lock_reference, raise_version
from services.routing.reference.queries.cache import SELECT_TOPICS
from services.routing.reference.queries.lists import StoredTopic
from services.routing.reference.schemas.reference import ChangedTopic, NewTopics, Reference, TopicView

_CURRENT = f"{SELECT_TOPICS} WHERE t.region = :region AND t.code = ANY(:codes::text[])"
_GROUPS = "SELECT code, name FROM routing.topic_group WHERE region = :region"


@dataclass(frozen=True, slots=True)
class _Group:
    code: str
    name: str


async def change_topics(session: AsyncSession, body: NewTopics) -> list[str]:
    """Create or change topics and groups; returns the codes that changed."""
    region = body.of_region
    place, topics = body.sent
    await lock_reference(session, region)
    await require_known(session, region, Reference(groups=body.groups, topics=topics), place)
    await _require_unchanged(session, region, body)
    events = await put_topics(session, region, body.groups, topics)
    if events:
        await raise_version(session, region)
    await emit(session, *events)
    return [event.code for event in events]


async def _require_unchanged(session: AsyncSession, region: str, body: NewTopics) -> None:
    """422 where read-only fields were changed, a group's name among them: of the old group or the new it is neither."""
    place, topics = body.sent
    codes = [topic.code for topic in topics]
    stored = await rows(session, StoredTopic, _CURRENT, region=region, codes=codes)
    current = {each.code: TopicView.model_validate(each, from_attributes=True) for each in stored}
    names = {each.code: each.name for each in await rows(session, _Group, _GROUPS, region=region)}
    names |= {group.code: group.name for group in body.groups}
    changed = [
        pointer
        for number, topic in enumerate(topics)
        for pointer in changed_fields(
            _without_known_group(topic, names), current.get(topic.code), f"{place}/{number}"
        )
    ]
    refuse_changes(changed[:ERRORS_SHOWN])


def _without_known_group(topic: ChangedTopic, names: dict[str, str]) -> ChangedTopic:
    """Without the group's name where it is the one of its group now."""
    if topic.group_name != names.get(topic.group):
        return topic
    return ChangedTopic(**topic.model_dump(exclude_unset=True, exclude={"group_name"}))
