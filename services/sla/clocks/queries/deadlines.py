"""Lists of clocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import open_all_rows, row, rows
from chassis.pages import merge_ranges
from chassis.principals import Principal
from chassis.problems import NotFound
from contracts.sla import ClockKind, ClockState
from services.sla.calendars.rules.summaries import render_reason
from services.sla.clocks.rules.packed import read_steps
from services.sla.clocks.schemas import Deadline
from services.sla.keys import AppealKey

STATES: Final[tuple[ClockState, ...]] = ("running", "paused", "met", "breached", "cancelled")
_NIL: Final = UUID(int=0)
_COLUMNS: Final = (
    "k.region, k.appeal_id, k.assignment_id, k.clock, k.cycle, k.organisation_id, k.lead, k.started_at, k.due_at, "
    "k.due_on, k.sort_at, k.state, k.met_at, k.policy_id, k.policy_version, k.calendar_version, k.version, k.change, "
    "k.packed, k.explanation::text AS explanation"
)
_RANGES: Final = (
    "unnest(CAST(:regions AS text[])) AS r(region) CROSS JOIN unnest(CAST(:states AS text[])) AS s(state)"
)
_ORDER: Final = "sort_at, appeal_id, assignment_id, clock, cycle"
_OF_APPEAL: Final = (
    f"SELECT {_COLUMNS} FROM sla.clock k WHERE k.region = :region AND k.appeal_id = :id ORDER BY {_ORDER}"
)
_KNOWN: Final = (
    "SELECT region, appeal_id::text, client_id FROM sla.appeal "
    "WHERE region = ANY(:regions::text[]) AND appeal_id = ANY(:ids::uuid[]) AND removed_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which clocks. `regions`: none means none; `after`: the last row's sort values."""

    regions: Sequence[str]
    state: ClockState | None = None
    due_before: datetime | None = None
    organisation: UUID | None = None
    after: Sequence[Any] | None = None

    def conditions(self) -> dict[str, Mapping[str, object]]:
        """SQL over a clock `k` of a region `r` and a state `s` → its parameters."""
        states = [self.state] if self.state else list(STATES)
        found: dict[str, Mapping[str, object]] = {
            "k.region = r.region": {"regions": list(self.regions)},
            "k.state = s.state": {"states": states},
        }
        if self.organisation:
            found["k.organisation_id = :organisation"] = {"organisation": self.organisation}
        if self.due_before:
            found["k.sort_at < :due_before"] = {"due_before": self.due_before}
        if self.after:
            sort_at, appeal_id, assignment_id, clock, cycle = self.after
            found[
                "(k.sort_at, k.appeal_id, k.assignment_id, k.clock, k.cycle) > "
                "(:after_at, CAST(:after_appeal AS uuid), CAST(:after_assignment AS uuid), :after_clock, :after_cycle)"
            ] = {
                "after_at": datetime.fromisoformat(sort_at),
                "after_appeal": appeal_id,
                "after_assignment": assignment_id,
                "after_clock": clock,
                "after_cycle": cycle,
            }
        return found


@dataclass(frozen=True, slots=True)
class _Listed:
    """A clock as `_COLUMNS` gives it."""

    region: str
    appeal_id: UUID
    assignment_id: UUID
    clock: ClockKind
    cycle: int
    organisation_id: UUID | None
    lead: bool
    started_at: datetime
    due_at: datetime | None
    due_on: date | None
    sort_at: datetime
    state: ClockState
    met_at: datetime | None
    policy_id: UUID | None
    policy_version: int | None
    calendar_version: int
    version: int
    change: str | None
    packed: bytes | None
    explanation: str | None

    @property
    def place(self) -> list[Any]:
        """Its sort values."""
        return [str(self.sort_at), str(self.appeal_id), str(self.assignment_id), self.clock, self.cycle]

    def show(self) -> Deadline:
        """As it goes out."""
        steps = read_steps(self.packed, self.explanation)
        return Deadline(
            clock=self.clock,
            appeal_id=self.appeal_id,
            assignment_id=None if self.assignment_id == _NIL else self.assignment_id,
            due_at=self.due_at,
            due_on=self.due_on,
            state=self.state,
            policy_id=self.policy_id,
            explanation=steps,
            reason=render_reason(steps, self.change),
            cycle=self.cycle,
            organisation_id=self.organisation_id,
            region=self.region,
            lead=self.lead,
            started_at=self.started_at,
            met_at=self.met_at,
            policy_version=self.policy_version,
            calendar_version=self.calendar_version,
            version=self.version,
        )


async def list_deadlines(
    session: AsyncSession, wanted: Filter, limit: int
) -> tuple[list[Deadline], list[Any] | None]:
    """The most urgent clocks, and the sort values of the last when there may be more."""
    conditions = wanted.conditions()
    clocks = f"SELECT {_COLUMNS} FROM sla.clock k WHERE {' AND '.join(conditions)}"
    parameters = {name: value for each in conditions.values() for name, value in each.items()}
    found = await rows(session, _Listed, merge_ranges(_RANGES, clocks, _ORDER), limit=limit + 1, **parameters)
    page = found[:limit]
    return [each.show() for each in page], page[-1].place if len(found) > limit else None


@dataclass(frozen=True, slots=True)
class _Known:
    """An appeal that is known here and within reach."""

    region: str
    appeal_id: str
    client_id: str | None


async def list_deadlines_of(session: AsyncSession, principal: Principal, appeal_id: UUID) -> list[Deadline]:
    """All clocks of one appeal; 404 for who has nothing to do with it."""
    appeal = await row(session, _Known, _KNOWN, regions=principal.regions_within(), ids=[appeal_id])
    if appeal is None or (principal.role == "portal" and appeal.client_id != principal.client_id):
        raise NotFound
    if principal.role == "agency":
        if not _holds(principal.organisation, await _read_clocks(session, appeal.region, appeal_id)):
            raise NotFound
        await open_all_rows(session)  # who holds an appeal sees all its deadlines, others' too
    return await _read_clocks(session, appeal.region, appeal_id)


async def _read_clocks(session: AsyncSession, region: str, appeal_id: UUID) -> list[Deadline]:
    return [each.show() for each in await rows(session, _Listed, _OF_APPEAL, region=region, id=appeal_id)]


def _holds(organisation: UUID, items: Sequence[Deadline]) -> bool:
    """Whether the question is this organisation's: its answer clock is not called off, as a redirected one's is."""
    own = (item for item in items if item.organisation_id == organisation and item.clock == "answer")
    return any(item.state != "cancelled" for item in own)


async def find_appeals(
    session: AsyncSession, principal: Principal, appeal_ids: Sequence[UUID]
) -> list[AppealKey]:
    """Those of the appeals that are known here and within reach."""
    if not appeal_ids:
        return []
    found = await rows(session, _Known, _KNOWN, regions=principal.regions_within(), ids=list(appeal_ids))
    return [AppealKey(each.region, each.appeal_id) for each in found]
