"""The queue of an organisation: what needs work, most urgent first, and what changed in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from chassis.feeds import FeedEntry, follow_feed
from chassis.pages import PageRequest, merge_ranges
from chassis.principals import Principal
from services.routing.assignments.rules.statuses import IN_QUEUE, SENT_AWAY, STANDING_STILL, Change, Status
from services.routing.assignments.schemas.assignments import (
    AssignmentPage,
    AssignmentView,
    QueueChange,
    QueueChanges,
)
from services.routing.reference.queries.cache import own_region, read_reference
from services.routing.tables.assignments import Assignment, queue_change

_STATUSES = "unnest(:statuses::text[]) AS s(status)"
_ORDER = "due_at, received_at, id"
_ASSIGNMENTS = """
SELECT a.* FROM routing.assignment a
WHERE a.region = :region AND a.organisation_id = :organisation AND a.status = s.status
"""


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What the queue is narrowed to."""

    status: Status | None = None
    topic: str | None = None
    due_before: datetime | None = None
    person: UUID | None = None
    running: bool = False

    def statuses(self) -> list[str]:
        """Those to look in."""
        if self.status is not None:
            return [self.status]
        return sorted(IN_QUEUE - STANDING_STILL if self.running else IN_QUEUE)


@dataclass(frozen=True, slots=True)
class _Position:
    """The last assignment of the page before."""

    due_at: datetime | None
    received_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class _ChangeEntry(FeedEntry):
    assignment_id: UUID
    change: Change
    at: datetime
    status: Status | None
    reason: str | None
    external_ref: str | None


async def list_queue(
    session: AsyncSession, principal: Principal, filters: QueueFilter, page: PageRequest
) -> AssignmentPage:
    """The organisation's assignments, most urgent first; without a status those that still need work."""
    region = await own_region(session, principal)
    if filters.status in SENT_AWAY:
        return AssignmentPage(items=[], next_cursor=None)
    position = _read_position(page.position("queue"))
    found = await rows(
        session,
        Assignment,
        _queue_statement(filters, position),
        region=region,
        organisation=principal.organisation,
        statuses=filters.statuses(),
        topic=filters.topic,
        due_before=filters.due_before,
        person=filters.person,
        due_at=position and position.due_at,
        received_at=position and position.received_at,
        id=position and position.id,
        limit=page.limit + 1,
    )
    reference = await read_reference(session, region)
    shown, following = page.cut("queue", found, lambda last: (last.due_at, last.received_at, str(last.id)))
    return AssignmentPage(items=[AssignmentView.of(each, reference) for each in shown], next_cursor=following)


def _read_position(values: Sequence[Any] | None) -> _Position | None:
    if values is None:
        return None
    due_at, received_at, id = values
    return _Position(due_at and datetime.fromisoformat(due_at), datetime.fromisoformat(received_at), UUID(id))


def _queue_statement(filters: QueueFilter, position: _Position | None) -> str:
    """Of every status two ranges, the dated and the undated, so that a deep page costs as little as the first."""
    ranges = []
    if position is None or position.due_at is not None:
        ranges.append(["due_at IS NOT NULL"])
        if position is not None:
            ranges[0].append("(due_at, received_at, id) > (:due_at, :received_at, :id)")
        if filters.due_before is not None:
            ranges[0].append("due_at < :due_before")
    if filters.due_before is None:
        ranges.append(["due_at IS NULL"])
        if position is not None and position.due_at is None:
            ranges[-1].append("(received_at, id) > (:received_at, :id)")
    narrowing = _narrowing(filters)
    merged = [
        merge_ranges(_STATUSES, " AND ".join([_ASSIGNMENTS, *narrowing, *narrowed]), _ORDER)
        for narrowed in ranges or [["false"]]
    ]
    if len(merged) == 1:
        return merged[0]
    return " UNION ALL ".join(f"({part})" for part in merged) + f" ORDER BY {_ORDER} LIMIT :limit"


def _narrowing(filters: QueueFilter) -> list[str]:
    topic = ["a.topic = :topic"] if filters.topic is not None else []
    person = ["a.person = :person"] if filters.person is not None else []
    return topic + person


async def follow_queue(session: AsyncSession, principal: Principal, page: PageRequest) -> QueueChanges:
    """What entered, changed in and left the organisation's queue since the cursor."""
    entries, following = await follow_feed(
        session,
        _ChangeEntry,
        queue_change,
        page.cursors,
        owner={"organisation_id": principal.organisation},
        cursor=page.cursor,
        limit=page.limit,
    )
    return QueueChanges(
        items=[QueueChange.model_validate(each, from_attributes=True) for each in entries],
        next_cursor=following,
    )
