"""Stored clocks: read under the appeals' locks, written back where they changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import encode_rows, insert_rows, rows, run
from contracts.sla import ClockKind, ClockState
from services.sla import tables
from services.sla.calendars.rules.summaries import render_reason
from services.sla.clocks.rules.fold import Clock
from services.sla.clocks.rules.packed import read_steps
from services.sla.keys import CLOCK_KEY, NIL, AppealKey, ClockKey, arrays_of

END_OF_TIME: Final = datetime(9999, 12, 31, tzinfo=UTC)
_OVERWRITE: Final = f"({', '.join(CLOCK_KEY)}) DO UPDATE SET " + ", ".join(
    f"{field.name} = excluded.{field.name}" for field in fields(tables.Clock) if field.name not in CLOCK_KEY
)
_READ: Final = (
    "SELECT region, appeal_id::text, assignment_id::text, clock, cycle, organisation_id::text, lead, "
    "started_at, due_at, due_on, state, met_at, ended_at, policy_id::text, policy_version, "
    "calendar_version, certain, version, change, packed, explanation::text AS explanation FROM sla.clock "
    "WHERE region = ANY(:regions::text[]) AND appeal_id = ANY(:ids::uuid[])"
)
_DELETE: Final = (
    "DELETE FROM sla.clock t USING json_to_recordset(:keys::json) "
    "AS r(region text, appeal_id uuid, assignment_id uuid, clock text, cycle integer) "
    f"WHERE {' AND '.join(f't.{name} = r.{name}' for name in CLOCK_KEY)}"
)


@dataclass(frozen=True, slots=True)
class Stored:
    """A clock as it was announced last. `change`: why it moved last."""

    clock: Clock
    change: str | None

    @property
    def reason(self) -> str:
        """The sentence that was announced with it."""
        return render_reason(self.clock.explanation, self.change)


@dataclass(slots=True)
class _Row:
    region: str
    appeal_id: str
    assignment_id: str
    clock: ClockKind
    cycle: int
    organisation_id: str | None
    lead: bool
    started_at: datetime
    due_at: datetime | None
    due_on: date | None
    state: ClockState
    met_at: datetime | None
    ended_at: datetime | None
    policy_id: str | None
    policy_version: int | None
    calendar_version: int
    certain: bool
    version: int
    change: str | None
    packed: bytes | None
    explanation: str | None

    @property
    def key(self) -> ClockKey:
        return ClockKey(self.region, self.appeal_id, self.assignment_id, self.clock, self.cycle)

    def open(self) -> Stored:
        clock = Clock(
            appeal_id=self.appeal_id,
            assignment_id=self.key.holder,
            clock=self.clock,
            cycle=self.cycle,
            organisation_id=self.organisation_id,
            lead=self.lead,
            started_at=self.started_at,
            due_at=self.due_at,
            due_on=self.due_on,
            state=self.state,
            met_at=self.met_at,
            ended_at=self.ended_at,
            policy_id=self.policy_id,
            policy_version=self.policy_version,
            calendar_version=self.calendar_version,
            certain=self.certain,
            version=self.version,
            explanation=tuple(read_steps(self.packed, self.explanation)),
        )
        return Stored(clock, self.change)


def key_of(region: str, clock: Clock) -> ClockKey:
    """The primary key of a clock's rows."""
    return ClockKey(region, clock.appeal_id, clock.assignment_id or NIL, clock.clock, clock.cycle)


def row_of(key: ClockKey, clock: Clock, change: str | None, packed: bytes) -> tables.Clock:
    """The row of a clock, its explanation `packed`."""
    return tables.Clock(
        region=key.region,
        appeal_id=key.appeal_id,
        assignment_id=key.assignment_id,
        clock=key.clock,
        cycle=key.cycle,
        organisation_id=clock.organisation_id,
        lead=clock.lead,
        started_at=clock.started_at,
        due_at=clock.due_at,
        due_on=clock.due_on,
        sort_at=clock.due_at or END_OF_TIME,
        state=clock.state,
        met_at=clock.met_at,
        ended_at=clock.ended_at,
        policy_id=clock.policy_id,
        policy_version=clock.policy_version,
        calendar_version=clock.calendar_version,
        certain=clock.certain,
        version=clock.version,
        change=change,
        packed=packed,
        explanation=None,
    )


async def read_clocks(session: AsyncSession, keys: Sequence[AppealKey]) -> dict[ClockKey, Stored]:
    """The appeals' clocks as stored."""
    return {row.key: row.open() for row in await rows(session, _Row, _READ, **arrays_of(keys))}


async def store_clocks(session: AsyncSession, clocks: Sequence[tables.Clock]) -> None:
    """Write clock rows, new or changed, in key order."""
    in_order = sorted(clocks, key=attrgetter(*CLOCK_KEY))
    await insert_rows(session, tables.clock, in_order, on_conflict=_OVERWRITE)


async def delete_clocks(session: AsyncSession, keys: Sequence[ClockKey]) -> None:
    """Delete clocks that a later fact proved never to have run."""
    if keys:
        await run(session, _DELETE, keys=encode_rows([key._asdict() for key in sorted(keys)]))
