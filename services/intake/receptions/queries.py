"""Receptions within reach, and what became of their questions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, rows
from chassis.pages import PageRequest, merge_ranges
from chassis.principals import Principal
from chassis.problems import NotFound
from services.intake.history.rules.statuses import AppealStatus
from services.intake.local_time import local_day
from services.intake.receptions.schemas import (
    QuestionLine,
    QuestionPage,
    ReceptionKind,
    ReceptionLine,
    ReceptionPage,
    ReceptionView,
)

_COLUMNS: Final = "r.id, r.region, r.kind, r.held_on, r.place, r.official, r.municipality"
_LATEST: Final = merge_ranges(
    "unnest(:regions::text[]) AS g(region)",
    f"SELECT {_COLUMNS} FROM intake.reception r WHERE r.region = g.region "
    "AND (:since::date IS NULL OR r.held_on >= :since::date) AND (:until::date IS NULL OR r.held_on < :until::date) "
    "AND (:day::date IS NULL OR (r.held_on, r.id) < (:day::date, :id::uuid))",
    "held_on DESC, id DESC",
)
_COUNTED: Final = (
    f"SELECT r.*, (SELECT count(*) FROM intake.appeal a WHERE a.region = r.region AND a.reception_id = r.id) AS appeals "
    f"FROM ({_LATEST}) AS r ORDER BY r.held_on DESC, r.id DESC"
)
_OPEN: Final = "('registered', 'on_moderation', 'in_work', 'reopened')"
_ANSWERED: Final = "('answered', 'postponed')"
# Of each appeal the citizen's last word counts.
_ONE: Final = f"""
SELECT {_COLUMNS}, f.* FROM intake.reception r CROSS JOIN LATERAL (
    SELECT count(*) AS appeals, count(*) FILTER (WHERE a.status IN {_OPEN}) AS open,
        count(*) FILTER (WHERE a.status IN {_ANSWERED} OR a.status = 'closed' AND a.answers > 0) AS answered,
        count(*) FILTER (WHERE a.status NOT IN {_OPEN} AND a.status NOT IN {_ANSWERED}
            AND NOT (a.status = 'closed' AND a.answers > 0)) AS ended,
        count(*) FILTER (WHERE a.status IN {_OPEN} AND a.due_on < :today::date) AS overdue,
        count(w.solved) AS rated, count(*) FILTER (WHERE w.solved) AS solved
    FROM intake.appeal a LEFT JOIN LATERAL (
        SELECT g.solved FROM intake.rating g WHERE g.region = a.region AND g.appeal_id = a.id
        ORDER BY g.rated_at DESC LIMIT 1) AS w ON true
    WHERE a.region = r.region AND a.reception_id = r.id) AS f
WHERE r.region = ANY(:regions) AND r.id = :id
"""
_REGION: Final = "SELECT region AS name FROM intake.reception WHERE region = ANY(:regions) AND id = :id"
_QUESTIONS: Final = """
SELECT a.id, a.number, a.channel, a.status, a.received_on, a.received_at, a.due_on FROM intake.appeal a
WHERE a.region = :region AND a.reception_id = :id AND (:before::uuid IS NULL OR a.id < :before::uuid)
ORDER BY a.id DESC LIMIT :limit
"""


@dataclass(frozen=True, slots=True)
class _Listed:
    id: UUID
    region: str
    kind: ReceptionKind
    held_on: date
    place: str
    official: str
    municipality: str | None
    appeals: int


@dataclass(frozen=True, slots=True)
class _Shown(_Listed):
    open: int
    answered: int
    ended: int
    overdue: int
    rated: int
    solved: int


@dataclass(frozen=True, slots=True)
class _Region:
    name: str


@dataclass(frozen=True, slots=True)
class _Question:
    id: UUID
    number: str
    channel: str
    status: AppealStatus
    received_on: date | None
    received_at: datetime
    due_on: date | None


async def list_receptions(
    session: AsyncSession,
    principal: Principal,
    region: str | None,
    since: date | None,
    until: date | None,
    page: PageRequest,
) -> ReceptionPage:
    """Those held from `since` on and before `until`, the latest first."""
    position = page.position("receptions")
    found = await rows(
        session,
        _Listed,
        _COUNTED,
        regions=principal.regions_within(region),
        since=since,
        until=until,
        day=date.fromisoformat(position[0]) if position else None,
        id=UUID(position[1]) if position else None,
        limit=page.limit + 1,
    )
    shown, following = page.cut("receptions", found, lambda each: (each.held_on.isoformat(), str(each.id)))
    items = [ReceptionLine.model_validate(each, from_attributes=True) for each in shown]
    return ReceptionPage(items=items, next_cursor=following)


async def read_reception(
    session: AsyncSession, principal: Principal, reception_id: UUID, now: datetime
) -> ReceptionView:
    """One reception with its figures; 404 when it is not within reach."""
    region = await _region_of(session, principal, reception_id)
    found = await row(session, _Shown, _ONE, regions=[region], id=reception_id, today=local_day(region, now))
    if found is None:
        raise NotFound
    return ReceptionView.model_validate(found, from_attributes=True)


async def list_questions(
    session: AsyncSession, principal: Principal, reception_id: UUID, page: PageRequest
) -> QuestionPage:
    """The appeals of one reception, the newest first; 404 when it is not within reach."""
    region = await _region_of(session, principal, reception_id)
    kind = f"questions of {reception_id}"
    position = page.position(kind)
    found = await rows(
        session,
        _Question,
        _QUESTIONS,
        region=region,
        id=reception_id,
        before=UUID(position[0]) if position else None,
        limit=page.limit + 1,
    )
    shown, following = page.cut(kind, found, lambda each: (str(each.id),))
    items = [QuestionLine.model_validate(each, from_attributes=True) for each in shown]
    return QuestionPage(items=items, next_cursor=following)


async def _region_of(session: AsyncSession, principal: Principal, reception_id: UUID) -> str:
    found = await row(session, _Region, _REGION, regions=principal.regions_within(), id=reception_id)
    if found is None:
        raise NotFound
    return found.name
