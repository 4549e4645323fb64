"""How much waits for coordinators, without counting further than anybody reads."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row
from chassis.principals import Principal
from services.routing.assignments.queries.waiting import UNACCEPTED, limits_of
from services.routing.assignments.schemas.waiting import Waiting
from services.routing.tables.answers import OPEN_REVIEW
from services.routing.tables.assignments import UNATTENDED_DANGER

MOST: Final = 100
_IN_REGIONS: Final = "SELECT FROM routing.{table} x WHERE x.region = ANY(:regions::text[]) AND {which}"
_REVIEWS: Final = f"""
SELECT FROM routing.answer_review v
JOIN routing.assignment a ON a.region = v.region AND a.id = v.assignment_id AND a.status = 'in_review'
WHERE v.region = ANY(:regions::text[]) AND v.{OPEN_REVIEW}
"""
_LISTS: Final = {
    "dangers": _IN_REGIONS.format(table="assignment", which=UNATTENDED_DANGER),
    "triage": _IN_REGIONS.format(
        table="assignment", which="x.status = 'triage' AND x.importance <> 'danger'"
    ),
    "reviews": _REVIEWS,
    "incidents": _IN_REGIONS.format(table="incident", which="x.status = 'proposed'"),
    "audits": _IN_REGIONS.format(table="audit", which="x.status = 'open'"),
    "unaccepted": f"SELECT FROM unnest(:regions::text[], :befores::timestamptz[]) AS r(region, before), LATERAL ({UNACCEPTED}) AS u",
}
_COUNTS: Final = "SELECT " + ", ".join(
    f"(SELECT count(*) FROM ({rows} LIMIT :most) AS w)::int AS {name}" for name, rows in _LISTS.items()
)


@dataclass(frozen=True, slots=True)
class _Counted:
    dangers: int
    triage: int
    reviews: int
    incidents: int
    audits: int
    unaccepted: int


async def count_waiting(
    session: AsyncSession, principal: Principal, region: str | None, now: datetime
) -> Waiting:
    """Entries of each list, `MOST` at most."""
    regions = principal.regions_within(region)
    found = await row(
        session,
        _Counted,
        _COUNTS,
        regions=regions,
        befores=await limits_of(session, regions, now),
        most=MOST,
    )
    assert found is not None, "counts are always one row"
    return Waiting(**asdict(found), most=MOST)
