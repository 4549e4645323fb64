"""How many assignments wait for somebody, for those who watch the system: by region and status, and how many are late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from prometheus_client import Gauge
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from services.routing.assignments.rules.statuses import IN_QUEUE

WAITING: Final = Gauge(
    "otklik_assignments_open", "Assignments that are not finished, by status", ("region", "status")
)
LATE: Final = Gauge(
    "otklik_assignments_late", "Assignments that are not finished and past their deadline", ("region",)
)
# Each part has an index that holds what is asked for (`assignment_work_ix`, `assignment_triage_ix`): what is finished is not
# read, however much of it there is. Without an organisation an open assignment is in triage.
_COUNT: Final = """
SELECT region, status, count(*)::int AS open, (count(*) FILTER (WHERE due_at < now()))::int AS late
FROM routing.assignment WHERE organisation_id IS NOT NULL AND status = ANY(:statuses::text[]) GROUP BY region, status
UNION ALL
SELECT region, status, count(*)::int, (count(*) FILTER (WHERE due_at < now()))::int
FROM routing.assignment WHERE status = 'triage' GROUP BY region, status
"""


@dataclass(frozen=True, slots=True)
class _Counted:
    region: str
    status: str
    open: int
    late: int


async def measure_open(session: AsyncSession) -> None:
    """Set the gauges as of now; what is not there any more is not shown any more."""
    found = await rows(session, _Counted, _COUNT, statuses=sorted(IN_QUEUE))
    late = dict.fromkeys((each.region for each in found), 0)
    WAITING.clear()
    LATE.clear()
    for each in found:
        WAITING.labels(each.region, each.status).set(each.open)
        late[each.region] += each.late
    for region, number in late.items():
        LATE.labels(region).set(number)
