"""The coordinator's list: what has to be looked at by a person, the most pressing first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from chassis.pages import PageRequest, merge_ranges
from chassis.principals import Principal
from services.routing.assignments.rules.statuses import UNATTENDED
from services.routing.assignments.schemas.assignments import TriageItem, TriagePage
from services.routing.reference.queries.cache import references_of
from services.routing.tables.assignments import UNATTENDED_DANGER, Assignment

EMERGENCY: Final = "112"
_LIST: Final = "triage, dangers first"
_REGIONS: Final = "unnest(:regions::text[]) AS r(region)"
_ROWS: Final = "SELECT a.* FROM routing.assignment a WHERE a.region = r.region AND {which}"
_AFTER: Final = " AND (a.received_at, a.id) > (:received_at, :id)"
# The two parts of the list, in order; no assignment is in both.
_PARTS: Final = (UNATTENDED_DANGER, "status = 'triage' AND importance <> 'danger'")


@dataclass(frozen=True, slots=True)
class _Position:
    """The last assignment of the page before, and the part of the list it stands in."""

    part: int
    received_at: datetime
    id: UUID


async def list_triage(
    session: AsyncSession, principal: Principal, region: str | None, page: PageRequest
) -> TriagePage:
    """First every danger that no organisation has accepted yet, whoever has it: the coordinator calls 112 and the
    organisation, and sees the entry go when that has begun to work. Then what waits for a decision. Each oldest first."""
    position = _read_position(page.position(_LIST))
    regions = principal.regions_within(region)
    found: list[Assignment] = []
    for part in range(position.part if position else 0, len(_PARTS)):
        after = position if position and position.part == part else None
        if len(found) <= page.limit:
            found += await _read_part(session, part, regions, after, page.limit + 1 - len(found))
    references = await references_of(session).read(session, (each.region for each in found))
    shown, following = page.cut(_LIST, found, _values)
    items = [TriageItem.of(each, references[each.region], flags=_flags_of(each)) for each in shown]
    return TriagePage(items=items, next_cursor=following)


async def _read_part(
    session: AsyncSession, part: int, regions: Any, after: _Position | None, limit: int
) -> Sequence[Assignment]:
    ranges = _ROWS.format(which=_PARTS[part]) + (_AFTER if after else "")
    return await rows(
        session,
        Assignment,
        merge_ranges(_REGIONS, ranges, "received_at, id"),
        regions=regions,
        received_at=after and after.received_at,
        id=after and after.id,
        limit=limit,
    )


def _read_position(values: Sequence[Any] | None) -> _Position | None:
    if values is None:
        return None
    part, received_at, id = values
    return _Position(part, datetime.fromisoformat(received_at), UUID(id))


def _values(last: Assignment) -> Sequence[Any]:
    return (0 if _is_unattended_danger(last) else 1), last.received_at, str(last.id)


def _is_unattended_danger(assignment: Assignment) -> bool:
    return assignment.importance == "danger" and assignment.status in UNATTENDED


def _flags_of(assignment: Assignment) -> list[str]:
    return [EMERGENCY] if _is_unattended_danger(assignment) else []
