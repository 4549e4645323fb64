"""Stored clocks and what was said of them: read under the appeals' locks, written back where they changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows
from chassis.db.driver import fetch
from chassis.wake_ups import wake_after_commit
from services.sla.actions.journals import AppealKey, arrays_of
from services.sla.models.packed import pack_steps, read_steps
from services.sla.models.tables import NOBODY
from services.sla.models.tables import clock as clock_table
from services.sla.models.tables import timer as timer_table
from services.sla.rules.clocks import Clock
from services.sla.rules.ladder import Timer
from services.sla.rules.policies import Regime
from services.sla.rules.settlements import Memory
from services.sla.rules.summaries import tell_reason
from services.sla.rules.waking import TIMERS

ClockKey = tuple[str, str, str, str, int]  # region, appeal, assignment (or the nil uuid), clock, cycle
NIL: Final = str(NOBODY)
_SOON: Final = timedelta(seconds=2)
END_OF_TIME: Final = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Remembered:
    """A timer row: what was said, and what is armed (`slot` None: nothing)."""

    memory: Memory
    slot: str | None
    fire_at: datetime


@dataclass(frozen=True, slots=True)
class Stored:
    """A clock row as it was last told. `change`: why it moved last."""

    clock: Clock
    change: str | None

    @property
    def reason(self) -> str:
        """What was told of it."""
        return tell_reason(self.clock.explanation, self.change)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose ladder and calendar a clock uses."""

    regime: Regime
    municipality: str | None


def key_of(region: str, clock: Clock) -> ClockKey:
    """The primary key of a clock's rows."""
    return region, clock.appeal_id, clock.assignment_id or NIL, clock.clock, clock.cycle


async def take_memories(session: AsyncSession, keys: Sequence[AppealKey]) -> dict[ClockKey, Remembered]:
    """What was said of the appeals' clocks. Waits for timers that are firing just now, and keeps others from it."""
    rows = await fetch(
        session,
        "SELECT region, appeal_id::text, assignment_id::text, clock, cycle, version, fired, breached_version, "
        "CASE WHEN state = 'armed' THEN slot END, fire_at FROM sla.timer "
        "WHERE region = ANY($1::text[]) AND appeal_id = ANY($2::uuid[]) "
        "ORDER BY region, appeal_id, assignment_id, clock, cycle FOR UPDATE",
        *arrays_of(keys),
    )
    return {
        (row[0], row[1], row[2], row[3], row[4]): Remembered(
            Memory(row[5], tuple(row[6]), row[7]), row[8], row[9]
        )
        for row in rows
    }


async def read_clocks(session: AsyncSession, keys: Sequence[AppealKey]) -> dict[ClockKey, Stored]:
    """The appeals' clocks as stored."""
    rows = await fetch(
        session,
        "SELECT region, appeal_id::text, assignment_id::text, clock, cycle, organisation_id::text, lead, "
        "started_at, due_at, due_on, state, met_at, ended_at, policy_id::text, policy_version, "
        "calendar_version, certain, version, change, packed, explanation::text FROM sla.clock "
        "WHERE region = ANY($1::text[]) AND appeal_id = ANY($2::uuid[])",
        *arrays_of(keys),
    )
    return {(row[0], row[1], row[2], row[3], row[4]): _read(row) for row in rows}


def _read(row: Sequence[Any]) -> Stored:
    stored = Clock(
        appeal_id=row[1],
        assignment_id=None if row[2] == NIL else row[2],
        clock=row[3],
        cycle=row[4],
        organisation_id=row[5],
        lead=row[6],
        started_at=row[7],
        due_at=row[8],
        due_on=row[9],
        state=row[10],
        met_at=row[11],
        ended_at=row[12],
        policy_id=row[13],
        policy_version=row[14],
        calendar_version=row[15],
        certain=row[16],
        version=row[17],
        explanation=tuple(read_steps(row[19], row[20])),
    )
    return Stored(stored, row[18])


def clock_row(region: str, clock: Clock, change: str | None) -> dict[str, Any]:
    """The row of a clock."""
    return {
        "region": region,
        "appeal_id": clock.appeal_id,
        "assignment_id": clock.assignment_id or NIL,
        "clock": clock.clock,
        "cycle": clock.cycle,
        "organisation_id": clock.organisation_id,
        "lead": clock.lead,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "due_on": clock.due_on,
        "sort_at": clock.due_at or END_OF_TIME,
        "state": clock.state,
        "met_at": clock.met_at,
        "ended_at": clock.ended_at,
        "policy_id": clock.policy_id,
        "policy_version": clock.policy_version,
        "calendar_version": clock.calendar_version,
        "certain": clock.certain,
        "version": clock.version,
        "change": change,
        "packed": pack_steps(clock.explanation),
        "explanation": None,
    }


def timer_row(
    region: str, clock: Clock, bearer: Bearer, memory: Memory, timer: Timer | None, now: datetime
) -> dict[str, Any]:
    """The row of a clock's next timer and of its memory."""
    return {
        "region": region,
        "appeal_id": clock.appeal_id,
        "assignment_id": clock.assignment_id or NIL,
        "clock": clock.clock,
        "cycle": clock.cycle,
        "version": memory.version,
        "state": "armed" if timer else "done",
        "fire_at": timer.fire_at if timer else now,
        "slot": timer.slot if timer else None,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "organisation_id": clock.organisation_id,
        "regime": bearer.regime,
        "municipality": bearer.municipality,
        "fired": list(memory.fired),
        "breached_version": memory.breached_version,
    }


async def store_clocks(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Write clock rows, new or changed, in key order."""
    await insert_rows(session, clock_table, _sorted(rows), on_conflict=_overwrite(rows))


async def store_timers(session: AsyncSession, rows: Sequence[dict[str, Any]], now: datetime) -> None:
    """Write timer rows, new or changed, in key order; the firing task of this process is woken after the commit if one
    is due before it looks again by itself."""
    await insert_rows(session, timer_table, _sorted(rows), on_conflict=_overwrite(rows))
    if any(row["state"] == "armed" and row["fire_at"] - now < _SOON for row in rows):
        wake_after_commit(session, TIMERS)


async def remove_clocks(session: AsyncSession, keys: Sequence[ClockKey]) -> None:
    """Forget clocks that a later fact proved never to have run, and silence their timers."""
    if not keys:
        return
    columns = ("region", "appeal_id", "assignment_id", "clock", "cycle")
    parameters = {
        "rows": orjson.dumps([dict(zip(columns, key, strict=True)) for key in sorted(keys)]).decode()
    }
    gone = (
        "json_to_recordset(CAST(:rows AS json)) "
        "AS r(region text, appeal_id uuid, assignment_id uuid, clock text, cycle integer)"
    )
    match = " AND ".join(f"t.{column} = r.{column}" for column in columns)
    await session.execute(text(f"DELETE FROM sla.clock t USING {gone} WHERE {match}"), parameters)
    await session.execute(
        text(
            f"UPDATE sla.timer t SET state = 'done', slot = NULL, breached_version = NULL, fired = '{{}}', "
            f"version = version + 1 FROM {gone} WHERE {match}"
        ),
        parameters,
    )


def _sorted(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(
        rows,
        key=lambda row: (row["region"], row["appeal_id"], row["assignment_id"], row["clock"], row["cycle"]),
    )


def _overwrite(rows: Sequence[dict[str, Any]]) -> str:
    key = ("region", "appeal_id", "assignment_id", "clock", "cycle")
    names = [name for name in rows[0] if name not in key] if rows else []
    setters = ", ".join(f"{name} = excluded.{name}" for name in names)
    return f"({', '.join(key)}) DO UPDATE SET {setters}"
