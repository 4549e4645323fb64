"""What a region's models learn from: assignments with what people decided of them in the end, newest first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from chassis.partitions import lowest_uuid7
from services.routing.assignments.rules.words import text_of
from services.routing.learning.queries.together import ANSWERED_TOGETHER
from services.routing.learning.rules.comparison import Row
from services.routing.reference.rules.region_reference import RegionReference

# The newest so many: what was usual years ago says little, and the time of a training grows faster than its rows.
MOST_LABELLED: Final = 6000
MOST_DONE: Final = 6000
DAYS: Final = 730
# Of each assignment the newest word on its topic and the newest on its organisation.
_WORD = """
(SELECT l.{column} FROM routing.label l WHERE l.region = a.region AND l.assignment_id = a.id AND l.{column} IS NOT NULL
ORDER BY l.at DESC, l.id DESC LIMIT 1)
"""
_COLUMNS = "a.id, a.appeal_id, a.received_at, a.topic, a.organisation_id, a.packed, a.text"
_LABELLED = f"""
SELECT {_COLUMNS}, {_WORD.format(column="topic")} AS named_topic,
    {_WORD.format(column="organisation_id")} AS named_organisation
FROM (SELECT DISTINCT assignment_id FROM (
    SELECT assignment_id FROM routing.label WHERE region = :region ORDER BY id DESC LIMIT :most) AS newest) AS known
JOIN routing.assignment a ON a.region = :region AND a.id = known.assignment_id AND a.role = 'lead'
"""
# Answered without that anybody changed the topic: the weakest word, and the only one on what was decided well.
_DONE = f"""
SELECT {_COLUMNS}, NULL::text AS named_topic, NULL::uuid AS named_organisation
FROM routing.assignment a
WHERE a.region = :region AND a.id >= :since AND a.status IN ('answered', 'postponed') AND a.role = 'lead'
    AND a.topic IS NOT NULL AND a.organisation_id IS NOT NULL AND NOT {ANSWERED_TOGETHER}
ORDER BY a.id DESC LIMIT :most
"""


@dataclass(frozen=True, slots=True)
class _Sample:
    """An assignment with the newest words on its topic and organisation; null where nobody said anything."""

    id: UUID
    appeal_id: UUID
    received_at: datetime
    topic: str | None
    organisation_id: UUID | None
    packed: bytes | None
    text: str | None
    named_topic: str | None
    named_organisation: UUID | None


async def read_samples(session: AsyncSession, reference: RegionReference) -> list[Row]:
    """Labelled and answered assignments by their names; what has a topic out of use teaches nothing."""
    since = lowest_uuid7(datetime.now(UTC) - timedelta(days=DAYS))
    region = reference.region
    labelled = await rows(session, _Sample, _LABELLED, region=region, most=MOST_LABELLED)
    done = await rows(session, _Sample, _DONE, region=region, since=since, most=MOST_DONE)
    by_id = {each.id: each for each in [*done, *labelled]}
    # What was redirected has a successor, which knows more.
    last = {each.appeal_id: each for _, each in sorted(by_id.items())}
    return await asyncio.to_thread(_rows_of, list(last.values()), reference)


def _rows_of(samples: Sequence[_Sample], reference: RegionReference) -> list[Row]:
    found: list[Row] = []
    for each in samples:
        topic = reference.topic_in_use(each.named_topic or each.topic)
        if topic is None:
            continue
        organisation = reference.organisation_name(each.named_organisation or each.organisation_id)
        found.append(
            Row(
                text=text_of(each.packed, each.text),
                topic=topic.name,
                group=topic.group_name,
                agency=organisation.name if organisation else "",
                received_at=each.received_at.timestamp(),
            )
        )
    return [row for row in found if row.text.strip()]
