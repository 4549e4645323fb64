"""The list of planned works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, rows
from chassis.pages import PageRequest, merge_ranges
from chassis.principals import Principal
from chassis.problems import NotFound
from services.routing.reference.queries.cache import references_of
from services.routing.tables.works import PlannedWork
from services.routing.works.schemas import WorkPage, WorkStatus, WorkView

_CURSOR: Final = "works"
_LAST = (datetime.max.replace(year=9998, tzinfo=UTC).isoformat(), str(UUID(int=2**128 - 1)))
_REGIONS: Final = "unnest(:regions::text[]) AS r(region)"
# Where a work lies stands with its incident, also where it names its settlement alone.
_WITHIN = """
(:organisation::uuid IS NULL OR w.organisation_id = :organisation::uuid) AND (:places::text[] IS NULL OR EXISTS (
    SELECT FROM routing.incident i
    WHERE i.region = w.region AND i.id = w.incident_id AND i.municipality ^@ ANY (:places::text[])
))
"""
_WORKS = f"""
SELECT w.* FROM routing.planned_work w WHERE w.region = r.region
    AND (w.ends_at, w.id) < (:before::timestamptz, :before_id::uuid) AND {_WITHIN}
"""
_WORK = f"SELECT w.* FROM routing.planned_work w WHERE w.region = ANY(:regions::text[]) AND w.id = :id AND {_WITHIN}"
# Written out, so that the index of ends is taken.
_OF_STATUS: Final[dict[WorkStatus | None, str]] = {
    None: "",
    "planned": " AND w.starts_at > statement_timestamp() AND w.ends_at >= statement_timestamp()",
    "running": " AND w.starts_at <= statement_timestamp() AND w.ends_at >= statement_timestamp() AND NOT w.ended",
    "over": " AND w.ends_at < statement_timestamp()",
}
_AT: Final = " AND w.starts_at <= :at::timestamptz AND w.ends_at >= :at::timestamptz"


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """What the list is narrowed to; `at`: works that run at a moment."""

    region: str | None = None
    at: datetime | None = None
    status: WorkStatus | None = None


async def list_works(
    session: AsyncSession, principal: Principal, filters: WorkFilter, page: PageRequest
) -> WorkPage:
    """Within reach, the last to end first; an agency's own only."""
    before, before_id = page.position(_CURSOR) or _LAST
    narrowed = _WORKS + _OF_STATUS[filters.status] + (_AT if filters.at else "")
    found = await rows(
        session,
        PlannedWork,
        merge_ranges(_REGIONS, narrowed, "ends_at DESC, id DESC"),
        regions=principal.regions_within(filters.region),
        before=datetime.fromisoformat(before),
        before_id=UUID(before_id),
        limit=page.limit + 1,
        **_reach_of(principal),
        **({"at": filters.at} if filters.at else {}),
    )
    shown, following = page.cut(_CURSOR, found, lambda last: (last.ends_at.isoformat(), str(last.id)))
    references = await references_of(session).read(session, (each.region for each in shown))
    return WorkPage(
        items=[WorkView.of(each, references[each.region]) for each in shown], next_cursor=following
    )


async def read_work(session: AsyncSession, principal: Principal, work_id: UUID) -> WorkView:
    """One work; 404 when it is not within reach."""
    found = await row(
        session,
        PlannedWork,
        _WORK,
        regions=principal.regions_within(),
        id=work_id,
        **_reach_of(principal),
    )
    if found is None:
        raise NotFound
    references = await references_of(session).read(session, [found.region])
    return WorkView.of(found, references[found.region])


def _reach_of(principal: Principal) -> dict[str, object]:
    centre = principal.municipalities is not None
    return {
        "organisation": principal.organisation if principal.role == "agency" else None,
        "places": principal.municipality_prefixes if centre else None,
    }
