"""Assignments as bodies and coordinators see them: the queue, triage, one with its reasons and answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.cursors import Cursors
from chassis.feeds import read_feed
from chassis.pages import merge_ranges
from chassis.problems import NotFound
from chassis.security import Principal
from services.routing.reference.queries.cache import books_of, read_book
from services.routing.reference.queries.cache import own_region
from services.routing.tables import (
    ANSWER_WORDS,
    DOCUMENT_WORDS,
    queue_change,
)
from services.routing.assignments.rules.statuses import IN_QUEUE, SENT_AWAY, Status
from services.routing.assignments.schemas.assignments import (
    AssignmentDetails,
    AssignmentPage,
    QueueChange,
    QueueChanges,
    TriageItem,
    TriagePage,
    describe_assignment,
    name_organisation,
    show_assignment,
)

_STATUSES = "unnest(CAST(:statuses AS text[])) AS s(status)"
_ORDER = "due_at, received_at, id"


@dataclass(frozen=True)
class Filters:
    """What the queue is narrowed to."""

    status: Status | None = None
    topic: str | None = None
    due_before: datetime | None = None


async def list_queue(
    session: AsyncSession, principal: Principal, cursors: Cursors, filters: Filters, cursor: str, limit: int
) -> AssignmentPage:
    """The organisation's assignments, most urgent first; without a status those that still need work."""
    region = await own_region(session, principal)
    if filters.status in SENT_AWAY:
        return AssignmentPage(items=[], next_cursor=None)
    sql, parameters = _queue_statement(filters, cursors.decode("queue", cursor))
    mine = {"region": region, "organisation": principal.organisation, "limit": limit + 1}
    rows = (await session.execute(text(sql), {**mine, **parameters})).mappings().all()
    book = await read_book(session, region)
    items = [show_assignment(dict(row), book) for row in rows[:limit]]
    following = None
    if len(rows) > limit:
        last = items[-1]
        following = cursors.encode("queue", last.due_at, last.received_at, str(last.id))
    return AssignmentPage(items=items, next_cursor=following)


def _queue_statement(filters: Filters, position: list[Any] | None) -> tuple[str, dict[str, Any]]:
    """Of every status two ranges, the dated and the undated, so that a deep page costs as little as the first."""
    base = (
        "SELECT a.* FROM routing.assignment a "
        "WHERE a.region = :region AND a.organisation_id = :organisation AND a.status = s.status"
    )
    parameters: dict[str, Any] = {"statuses": [filters.status] if filters.status else sorted(IN_QUEUE)}
    if filters.topic is not None:
        base += " AND a.topic = :topic"
        parameters["topic"] = filters.topic
    dated = f"{base} AND due_at IS NOT NULL"
    undated = f"{base} AND due_at IS NULL"
    parts = []
    if position is None or position[0] is not None:
        if position is not None:
            dated += " AND (due_at, received_at, id) > (:due_at, :received_at, :id)"
            parameters |= {"due_at": _instant(position[0]), **_after(position)}
        if filters.due_before is not None:
            dated += " AND due_at < :due_before"
            parameters["due_before"] = filters.due_before
        parts.append(dated)
    elif filters.due_before is None:
        undated += " AND (received_at, id) > (:received_at, :id)"
        parameters |= _after(position)
    if filters.due_before is None:
        parts.append(undated)
    if not parts:
        parts.append(f"{base} AND false")
    merged = [merge_ranges(_STATUSES, part, _ORDER) for part in parts]
    if len(merged) == 1:
        return merged[0], parameters
    return " UNION ALL ".join(f"({part})" for part in merged) + f" ORDER BY {_ORDER} LIMIT :limit", parameters


def _after(position: Sequence[Any]) -> dict[str, Any]:
    return {"received_at": _instant(position[1]), "id": UUID(position[2])}


def _instant(value: str) -> datetime:
    return datetime.fromisoformat(value)


async def follow_queue(
    session: AsyncSession, principal: Principal, cursors: Cursors, cursor: str, limit: int
) -> QueueChanges:
    """What entered, changed in and left the organisation's queue since the cursor."""
    rows, following = await read_feed(
        session,
        queue_change,
        cursors,
        columns="assignment_id, change, at",
        owner={"organisation_id": principal.organisation},
        cursor=cursor,
        limit=limit,
    )
    return QueueChanges(items=[QueueChange.model_validate(dict(row)) for row in rows], next_cursor=following)


LEFT: Final = frozenset({"redirected", "cancelled"})


async def read_assignment(
    session: AsyncSession, principal: Principal, assignment_id: UUID
) -> AssignmentDetails:
    """One assignment, why it came where it is, and its answers; 404 when it is not within reach."""
    row = await _find(session, principal, assignment_id)
    book = await read_book(session, row["region"])
    found = await session.execute(
        text("SELECT * FROM routing.answer WHERE region = :region AND assignment_id = :id ORDER BY id"),
        {"region": row["region"], "id": assignment_id},
    )
    requests = await session.execute(
        text(
            "SELECT * FROM routing.document_request WHERE region = :region AND assignment_id = :id ORDER BY id"
        ),
        {"region": row["region"], "id": assignment_id},
    )
    answers = [
        {
            **answer,
            **ANSWER_WORDS.show(session, answer),
            "organisation": name_organisation(book, answer["organisation_id"]),
        }
        for answer in found.mappings()
    ]
    return AssignmentDetails.model_validate(
        {
            **describe_assignment(dict(row), book),
            "document_requests": [
                {**each, **DOCUMENT_WORDS.show(session, each)} for each in requests.mappings()
            ],
            "answers": answers,
        }
    )


async def _find(session: AsyncSession, principal: Principal, assignment_id: UUID) -> RowMapping:
    found = await session.execute(
        text("SELECT * FROM routing.assignment WHERE region = ANY(:regions) AND id = :id"),
        {"regions": principal.regions_within(), "id": assignment_id},
    )
    row = found.mappings().first()
    if row is None or (principal.role == "agency" and not _holds(principal, row)):
        raise NotFound
    return row


def _holds(principal: Principal, row: RowMapping) -> bool:
    """Whether the question is still this body's: what left its queue it reads in the feed only."""
    return row["organisation_id"] == principal.organisation and row["status"] not in LEFT


async def list_triage(
    session: AsyncSession, principal: Principal, cursors: Cursors, region: str | None, cursor: str, limit: int
) -> TriagePage:
    """What waits for a coordinator, oldest first, with the system's proposal."""
    position = cursors.decode("triage", cursor)
    after = " AND (a.received_at, a.id) > (:received_at, :id)" if position else ""
    waiting = f"SELECT a.* FROM routing.assignment a WHERE a.region = r.region AND a.status = 'triage'{after}"
    found = await session.execute(
        text(merge_ranges("unnest(CAST(:regions AS text[])) AS r(region)", waiting, "received_at, id")),
        {
            "regions": principal.regions_within(region),
            "limit": limit + 1,
            **({"received_at": _instant(position[0]), "id": UUID(position[1])} if position else {}),
        },
    )
    rows = found.mappings().all()
    books = await books_of(session).read(session, (row["region"] for row in rows))
    items = [
        TriageItem.model_validate(describe_assignment(dict(row), books[row["region"]]))
        for row in rows[:limit]
    ]
    following = None
    if len(rows) > limit:
        following = cursors.encode("triage", items[-1].received_at, str(items[-1].id))
    return TriagePage(items=items, next_cursor=following)
