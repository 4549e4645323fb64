"""The assignments of one appeal, as coordinators see them."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from chassis.pages import PageRequest
from chassis.principals import Principal
from chassis.problems import NotFound
from services.routing.assignments.schemas.assignments import AppealAssignments, ExplainedAssignment
from services.routing.reference.queries.cache import references_of
from services.routing.tables.assignments import Assignment

_KIND: Final = "assignments of an appeal"
_ROWS: Final = (
    "SELECT * FROM routing.assignment WHERE region = ANY(:regions::text[]) AND appeal_id = :appeal_id "
    "AND id > :after ORDER BY id LIMIT :limit"
)


async def list_assignments_of(
    session: AsyncSession, principal: Principal, appeal_id: UUID, page: PageRequest
) -> AppealAssignments:
    """The earliest first; 404 when the appeal is not within reach, or has none."""
    position = page.position(_KIND)
    found = await rows(
        session,
        Assignment,
        _ROWS,
        regions=principal.regions_within(),
        appeal_id=appeal_id,
        after=UUID(position[0]) if position else UUID(int=0),
        limit=page.limit + 1,
    )
    if not found and not position:
        raise NotFound
    references = await references_of(session).read(session, (each.region for each in found))
    shown, following = page.cut(_KIND, found, lambda last: (str(last.id),))
    items = [ExplainedAssignment.of(each, references[each.region]) for each in shown]
    return AppealAssignments(items=items, next_cursor=following)
