"""Assignments that nobody has accepted for longer than their region lets them wait, the longest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from chassis.pages import PageRequest, merge_ranges
from chassis.principals import Principal
from services.routing.assignments.queries.queue import QueueFilter
from services.routing.assignments.rules.waiting import too_late_before
from services.routing.assignments.schemas.assignments import AssignmentPage, AssignmentView
from services.routing.reference.queries.cache import own_region, references_of
from services.routing.reference.rules.region_settings import RegionSettings
from services.routing.tables.assignments import TO_ACCEPT, Assignment

# The limits come with the statement: behind row security an index is not used for what a function makes of another row.
_LIMITS = """
SELECT region, (settings->>'accept_within_minutes')::int AS minutes FROM routing.setting
WHERE region = ANY(:regions::text[])
"""
_REGIONS = "unnest(:regions::text[], :befores::timestamptz[]) AS r(region, before)"
UNACCEPTED = f"""
SELECT a.* FROM routing.assignment a
WHERE a.region = r.region AND a.{TO_ACCEPT} AND a.offered_at <= r.before
"""
_OF_ORGANISATION = " AND a.organisation_id = :organisation"
_AFTER = " AND (a.offered_at, a.id) > (:offered_at, :id)"
_KIND = "unaccepted"


@dataclass(frozen=True, slots=True)
class _Limit:
    region: str
    minutes: int | None


async def list_unaccepted(
    session: AsyncSession, principal: Principal, region: str | None, now: datetime, page: PageRequest
) -> AssignmentPage:
    """Of the coordinator's regions."""
    return await _list(session, principal.regions_within(region), "", now, page)


async def list_own_unaccepted(
    session: AsyncSession, principal: Principal, filters: QueueFilter, now: datetime, page: PageRequest
) -> AssignmentPage:
    """Of the organisation itself, narrowed like its queue."""
    region = await own_region(session, principal)
    narrowed = "".join(
        condition
        for condition, value in (
            (" AND a.status = :status", filters.status),
            (" AND a.topic = :topic", filters.topic),
            (" AND a.due_at < :due_before", filters.due_before),
            (" AND a.person = :person", filters.person),
        )
        if value is not None
    )
    return await _list(
        session,
        [region],
        _OF_ORGANISATION + narrowed,
        now,
        page,
        organisation=principal.organisation,
        status=filters.status,
        topic=filters.topic,
        due_before=filters.due_before,
        person=filters.person,
    )


async def _list(
    session: AsyncSession,
    regions: Sequence[str],
    narrowed: str,
    now: datetime,
    page: PageRequest,
    **named: object,
) -> AssignmentPage:
    position = page.position(_KIND)
    offered_at, id = position or (None, None)
    waiting = await rows(
        session,
        Assignment,
        merge_ranges(_REGIONS, UNACCEPTED + narrowed + (_AFTER if position else ""), "offered_at, id"),
        regions=list(regions),
        befores=await limits_of(session, regions, now),
        offered_at=offered_at and datetime.fromisoformat(offered_at),
        id=id and UUID(id),
        limit=page.limit + 1,
        **named,
    )
    references = await references_of(session).read(session, (each.region for each in waiting))
    shown, following = page.cut(_KIND, waiting, lambda last: (last.offered_at, str(last.id)))
    items = [AssignmentView.of(each, references[each.region]) for each in shown]
    return AssignmentPage(items=items, next_cursor=following)


async def limits_of(session: AsyncSession, regions: Sequence[str], now: datetime) -> list[datetime]:
    """Of each region until when something must have been offered to have waited too long."""
    stored = await rows(session, _Limit, _LIMITS, regions=list(regions))
    minutes = {each.region: each.minutes for each in stored if each.minutes is not None}
    default = RegionSettings().accept_within_minutes
    return [
        too_late_before(RegionSettings(accept_within_minutes=minutes.get(region, default)), now)
        for region in regions
    ]
