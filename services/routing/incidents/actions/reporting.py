"""New assignments that may tell of an event are put down to be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows
from contracts.intake import Location as Point
from meaning import RUSSIAN
from services.routing.incidents.rules.reports import REPORTING
from services.routing.tables.assignments import NewAssignment
from services.routing.tables.incident_signs import IncidentPoint, incident_sign
from services.routing.tables.incidents import incident_report


@dataclass(frozen=True, slots=True)
class NewReport:
    """An assignment, the language of its appeal (ISO 639-1) and its point (WGS 84), where that can be trusted."""

    assignment: NewAssignment
    language: str
    point: Point | None


@dataclass(frozen=True, slots=True)
class _Row:
    region: str
    assignment_id: UUID
    appeal_id: UUID
    received_at: datetime


async def report(session: AsyncSession, placed: Sequence[NewReport]) -> None:
    """What tells of an event is seen later, when it is matched; here is only written down what that will not find again."""
    reports = sorted((each for each in placed if _may_report(each)), key=lambda each: _key(each.assignment))
    await insert_rows(session, incident_report, [_row(each.assignment) for each in reports])
    points = [_point(each.assignment, each.point) for each in reports if each.point is not None]
    await insert_rows(session, incident_sign, points)


def _may_report(placed: NewReport) -> bool:
    new = placed.assignment
    asks = new.kind in REPORTING and placed.language == RUSSIAN
    return asks and new.role == "lead" and new.status != "cancelled"


def _key(new: NewAssignment) -> tuple[str, UUID]:
    return new.region, new.id


def _row(new: NewAssignment) -> _Row:
    return _Row(new.region, new.id, new.appeal_id, new.received_at)


def _point(new: NewAssignment, point: Point) -> IncidentPoint:
    return IncidentPoint(new.region, new.id, new.received_at, point.lat, point.lon)
