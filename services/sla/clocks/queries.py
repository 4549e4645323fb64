"""Lists of clocks and the measures of punctuality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import open_all_rows
from chassis.pages import merge_ranges
from chassis.problems import NotFound
from chassis.security import Principal
from services.sla.calendars.schemas import ClockName, StateName
from services.sla.clocks.rules.packed import read_steps
from services.sla.clocks.schemas import Deadline, Overdue, Overview, Punctuality
from services.sla.keys import AppealKey
from services.sla.rules.summaries import tell_reason
from services.sla.tables import NOBODY

STATES: Final[tuple[StateName, ...]] = ("running", "paused", "met", "breached", "cancelled")
_COLUMNS: Final = (
    "k.region, k.appeal_id, k.assignment_id, k.clock, k.cycle, k.organisation_id, k.lead, k.started_at, k.due_at, "
    "k.due_on, k.sort_at, k.state, k.met_at, k.policy_id, k.policy_version, k.calendar_version, k.version, k.change, "
    "k.packed, k.explanation::text AS explanation"
)
_RANGES: Final = (
    "unnest(CAST(:regions AS text[])) AS r(region) CROSS JOIN unnest(CAST(:states AS text[])) AS s(state)"
)
_ORDER: Final = "sort_at, appeal_id, assignment_id, clock, cycle"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which clocks. `regions`: none means none; `after`: the last row's sort values."""

    regions: Sequence[str]
    state: StateName | None = None
    due_before: datetime | None = None
    organisation: UUID | None = None
    after: Sequence[Any] | None = None


async def list_deadlines(
    session: AsyncSession, wanted: Filter, limit: int
) -> tuple[list[Deadline], list[Any] | None]:
    """The most urgent clocks, and the sort values of the last when there may be more."""
    conditions, parameters = _conditions(wanted)
    clocks = f"SELECT {_COLUMNS} FROM sla.clock k WHERE {' AND '.join(conditions)}"
    states = [wanted.state] if wanted.state else list(STATES)
    rows = await session.execute(
        text(merge_ranges(_RANGES, clocks, _ORDER)),
        parameters | {"regions": list(wanted.regions), "states": states, "limit": limit + 1},
    )
    found = list(rows.mappings())
    page = found[:limit]
    last = page[-1] if len(found) > limit else None
    after = [*(str(last[name]) for name in _ORDER.split(", ")[:4]), last["cycle"]] if last else None
    return [_show(row) for row in page], after


def _conditions(wanted: Filter) -> tuple[list[str], dict[str, Any]]:
    conditions = ["k.region = r.region", "k.state = s.state"]
    parameters: dict[str, Any] = {}
    if wanted.organisation:
        conditions.append("k.organisation_id = :organisation")
        parameters["organisation"] = wanted.organisation
    if wanted.due_before:
        conditions.append("k.sort_at < :due_before")
        parameters["due_before"] = wanted.due_before
    if wanted.after:
        sort_at, appeal_id, assignment_id, clock, cycle = wanted.after
        conditions.append(
            "(k.sort_at, k.appeal_id, k.assignment_id, k.clock, k.cycle) > "
            "(:after_at, CAST(:after_appeal AS uuid), CAST(:after_assignment AS uuid), :after_clock, :after_cycle)"
        )
        parameters |= {
            "after_at": datetime.fromisoformat(sort_at),
            "after_appeal": appeal_id,
            "after_assignment": assignment_id,
            "after_clock": clock,
            "after_cycle": cycle,
        }
    return conditions, parameters


async def list_deadlines_of(session: AsyncSession, principal: Principal, appeal_id: UUID) -> list[Deadline]:
    """All clocks of an appeal; 404 when there is none, it is somebody else's, or of a region out of reach."""
    appeal = (
        await session.execute(
            text(
                "SELECT region, client_id FROM sla.appeal WHERE region = ANY(CAST(:regions AS text[])) AND appeal_id = :id "
                "AND removed_at IS NULL"
            ),
            {"regions": principal.regions_within(), "id": appeal_id},
        )
    ).one_or_none()
    if appeal is None:
        raise NotFound
    if principal.role == "portal" and appeal.client_id != principal.client_id:
        raise NotFound
    if principal.role == "agency":
        if not _holds(principal.organisation, await _read_clocks(session, appeal.region, appeal_id)):
            raise NotFound
        await open_all_rows(session)  # who holds an appeal sees all its deadlines, others' too
    return await _read_clocks(session, appeal.region, appeal_id)


async def _read_clocks(session: AsyncSession, region: str, appeal_id: UUID) -> list[Deadline]:
    rows = await session.execute(
        text(
            f"SELECT {_COLUMNS} FROM sla.clock k WHERE k.region = :region AND k.appeal_id = :id ORDER BY {_ORDER}"
        ),
        {"region": region, "id": appeal_id},
    )
    return [_show(row) for row in rows.mappings()]


def _holds(organisation: UUID, items: Sequence[Deadline]) -> bool:
    """Whether the question is this organisation's: its answer clock is not called off, as a redirected one's is."""
    own = (item for item in items if item.organisation_id == organisation and item.clock == "answer")
    return any(item.state != "cancelled" for item in own)


def _show(row: Any) -> Deadline:
    values = dict(row)
    steps = read_steps(values.pop("packed"), values["explanation"])
    values |= {"explanation": steps, "reason": tell_reason(steps, values.pop("change"))}
    if values["assignment_id"] == NOBODY:
        values["assignment_id"] = None
    return Deadline.model_validate(values)


async def measure_punctuality(
    session: AsyncSession,
    region: str,
    clock: ClockName,
    since: datetime | None,
    until: datetime | None,
    organisation: UUID | None,
    minimum: int,
) -> list[Punctuality]:
    """SealedColumns and broken clocks per organisation by due time in [since, until); an overdue one counts as broken."""
    rows = await session.execute(
        text(
            "SELECT organisation_id, count(*) AS measured, count(*) FILTER (WHERE state = 'met') AS in_time "
            "FROM sla.clock WHERE region = :region AND state IN ('met', 'breached') AND clock = :clock "
            "AND organisation_id IS NOT NULL "
            "AND (CAST(:since AS timestamptz) IS NULL OR sort_at >= :since) "
            "AND (CAST(:until AS timestamptz) IS NULL OR sort_at < :until) "
            "AND (CAST(:organisation AS uuid) IS NULL OR organisation_id = :organisation) "
            "GROUP BY organisation_id"
        ),
        {"region": region, "clock": clock, "since": since, "until": until, "organisation": organisation},
    )
    items = [_measure(row.organisation_id, row.measured, row.in_time, minimum) for row in rows]
    return sorted(items, key=lambda item: (item.share is None, item.share or 0.0, -item.measured))


def _measure(organisation_id: UUID, measured: int, in_time: int, minimum: int) -> Punctuality:
    enough = measured >= minimum
    return Punctuality(
        organisation_id=organisation_id,
        measured=measured,
        in_time=in_time,
        late=measured - in_time,
        share=round(in_time / measured, 4) if enough else None,
        enough=enough,
    )


async def count_open(session: AsyncSession, region: str, due_soon_hours: int) -> Overview:
    """Open clocks of a region by state, those due soon, and the overdue ones by organisation."""
    states = await session.execute(
        text(
            "SELECT state, count(*) AS number, count(*) FILTER (WHERE state = 'running' "
            "AND sort_at < now() + make_interval(hours => :hours)) AS soon "
            "FROM sla.clock WHERE region = :region AND ended_at IS NULL GROUP BY state"
        ),
        {"region": region, "hours": due_soon_hours},
    )
    found = {row.state: (row.number, row.soon) for row in states}
    overdue = await session.execute(
        text(
            "SELECT organisation_id, count(*) AS count, min(due_at) AS oldest_due_at FROM sla.clock "
            "WHERE region = :region AND state = 'breached' AND ended_at IS NULL "
            "GROUP BY organisation_id ORDER BY count(*) DESC, min(due_at)"
        ),
        {"region": region},
    )
    return Overview(
        region=region,
        by_state={state: number for state, (number, _) in found.items()},
        due_soon=sum(soon for _, soon in found.values()),
        due_soon_hours=due_soon_hours,
        overdue=[Overdue.model_validate(dict(row)) for row in overdue.mappings()],
    )


async def find_regions(
    session: AsyncSession, principal: Principal, appeal_ids: Sequence[UUID]
) -> list[AppealKey]:
    """(region, appeal id) of those appeals that are known here and within reach."""
    if not appeal_ids:
        return []
    rows = await session.execute(
        text(
            "SELECT region, appeal_id::text FROM sla.appeal "
            "WHERE region = ANY(CAST(:regions AS text[])) AND appeal_id = ANY(CAST(:ids AS uuid[])) "
            "AND removed_at IS NULL"
        ),
        {"regions": principal.regions_within(), "ids": list(appeal_ids)},
    )
    return [AppealKey(*row) for row in rows]
