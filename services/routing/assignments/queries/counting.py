"""A queue in figures: of its most urgent part, so that counting costs no more when the queue is long."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from chassis.pages import merge_ranges
from chassis.principals import Principal
from contracts.territories import find_zone
from services.routing.assignments.rules.counting import CountedWork
from services.routing.assignments.rules.statuses import IN_QUEUE, STANDING_STILL
from services.routing.assignments.schemas.counts import QueueCounts
from services.routing.reference.queries.cache import own_region, read_reference

MOST_COUNTED: Final = 1000
_STATUSES = "unnest(:statuses::text[]) AS s(status)"
_ASSIGNMENTS = """
SELECT a.status, a.topic, a.person, a.due_at, a.received_at, a.id FROM routing.assignment a
WHERE a.region = :region AND a.organisation_id = :organisation AND a.status = s.status
"""
_COUNTED = f"""
SELECT status, topic, person, count(*) AS assignments,
    count(*) FILTER (WHERE due_at < :now AND NOT status = ANY(:still::text[])) AS overdue,
    count(*) FILTER (WHERE due_at >= :now AND due_at < :tomorrow AND NOT status = ANY(:still::text[])) AS due_today
FROM ({merge_ranges(_STATUSES, _ASSIGNMENTS, "due_at, received_at, id")}) AS urgent
GROUP BY status, topic, person
"""


async def count_queue(session: AsyncSession, principal: Principal, now: datetime) -> QueueCounts:
    """The organisation's queue by status, topic and person."""
    region = await own_region(session, principal)
    if not region:
        return QueueCounts.of([], True, await read_reference(session, region))
    counted = await rows(
        session,
        CountedWork,
        _COUNTED,
        region=region,
        organisation=principal.organisation,
        statuses=sorted(IN_QUEUE),
        still=sorted(STANDING_STILL),
        now=now,
        tomorrow=_tomorrow(now, region),
        limit=MOST_COUNTED,
    )
    whole = sum(each.assignments for each in counted) < MOST_COUNTED
    return QueueCounts.of(counted, whole, await read_reference(session, region))


def _tomorrow(now: datetime, region: str) -> datetime:
    zone = ZoneInfo(find_zone(region, None))
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)
