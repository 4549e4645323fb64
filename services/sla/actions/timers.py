"""Timers fire once: claimed by the database clock, said and armed for the next rung in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import update_rows
from chassis.db.driver import fetch
from chassis.outbox import emit
from services.sla.actions.memories import NIL
from services.sla.actions.sayings import Said, keep_firings
from services.sla.models.catalogue import read_catalogues
from services.sla.models.tables import timer as timer_table
from services.sla.rules.catalogues import Catalogue
from services.sla.rules.clocks import Clock, Place
from services.sla.rules.ladder import Timer
from services.sla.rules.policies import Regime
from services.sla.rules.settlements import Memory, fire

# Timers that a handler holds are left to the next pass: this transaction waits for nobody, so it cannot deadlock.
CLAIM = """
SELECT region, appeal_id::text, assignment_id::text, clock, cycle, version, started_at, due_at,
       organisation_id::text, regime, municipality, fired, breached_version, now() AS now
FROM sla.timer WHERE state = 'armed' AND fire_at <= now()
ORDER BY fire_at LIMIT $1 FOR UPDATE SKIP LOCKED
"""
_NEXT = """
SELECT extract(epoch FROM fire_at - clock_timestamp())::float8 FROM sla.timer
WHERE state = 'armed' ORDER BY fire_at LIMIT 1
"""
_BREAK = """
UPDATE sla.clock c SET state = 'breached'
FROM json_to_recordset(CAST(:rows AS json))
    AS r(region text, appeal_id uuid, assignment_id uuid, clock text, cycle integer)
WHERE c.region = r.region AND c.appeal_id = r.appeal_id AND c.assignment_id = r.assignment_id
  AND c.clock = r.clock AND c.cycle = r.cycle AND c.ended_at IS NULL
"""
_KEY = ("region", "appeal_id", "assignment_id", "clock", "cycle")


@dataclass(frozen=True, slots=True)
class _Claimed:
    key: dict[str, Any]
    clock: Clock
    memory: Memory
    regime: Regime
    municipality: str | None


async def fire_due_timers(session: AsyncSession, limit: int) -> int:
    """Fire what is due, oldest first, at most `limit` clocks; how many were claimed."""
    rows = await fetch(session, CLAIM, limit)
    if not rows:
        return 0
    now: datetime = rows[0].now
    catalogues = await read_catalogues(session, {row.region for row in rows})
    said: list[Said] = []
    left: list[dict[str, Any]] = []
    for claimed in sorted(map(_read, rows), key=lambda each: tuple(each.key.values())):
        due, memory, following = _fire(claimed, catalogues[claimed.key["region"]], now)
        said += [Said(claimed.key["region"], claimed.clock, claimed.memory.version, timer) for timer in due]
        left.append(_row(claimed, memory, following, now))
    await update_rows(session, timer_table, left, keys=_KEY)
    await _break_clocks(session, said)
    await emit(session, *await keep_firings(session, said, now))
    return len(rows)


async def find_next_firing(session: AsyncSession) -> float | None:
    """Seconds of the database clock until the next timer; negative: overdue. None: nothing is armed."""
    rows = await fetch(session, _NEXT)
    return rows[0][0] if rows else None


def _fire(claimed: _Claimed, catalogue: Catalogue, now: datetime) -> tuple[list[Timer], Memory, Timer | None]:
    clock = claimed.clock
    place = Place(claimed.key["region"], claimed.municipality, clock.organisation_id)
    ladder = catalogue.ladders[claimed.regime]
    return fire(clock, claimed.memory, ladder, catalogue.calendar_of(place, now), now)


async def _break_clocks(session: AsyncSession, said: Sequence[Said]) -> None:
    broken = [
        {
            "region": each.region,
            "appeal_id": each.clock.appeal_id,
            "assignment_id": each.clock.assignment_id or NIL,
            "clock": each.clock.clock,
            "cycle": each.clock.cycle,
        }
        for each in said
        if each.timer.kind == "breach"
    ]
    if broken:
        await session.execute(text(_BREAK), {"rows": orjson.dumps(broken).decode()})


def _row(claimed: _Claimed, memory: Memory, following: Timer | None, now: datetime) -> dict[str, Any]:
    return claimed.key | {
        "state": "armed" if following else "done",
        "fire_at": following.fire_at if following else now,
        "slot": following.slot if following else None,
        "fired": list(memory.fired),
        "breached_version": memory.breached_version,
    }


def _read(row: Any) -> _Claimed:
    """The timer's row as much of a clock as the ladder needs."""
    clock = Clock(
        appeal_id=row.appeal_id,
        assignment_id=None if row.assignment_id == NIL else row.assignment_id,
        clock=row.clock,
        cycle=row.cycle,
        organisation_id=row.organisation_id,
        lead=True,
        started_at=row.started_at,
        due_at=row.due_at,
        due_on=None,
        state="running",
        met_at=None,
        ended_at=None,
        policy_id=None,
        policy_version=None,
        calendar_version=0,
        explanation=(),
        version=row.version,
    )
    key = {name: getattr(row, name) for name in _KEY}
    memory = Memory(row.version, tuple(row.fired), row.breached_version)
    return _Claimed(key, clock, memory, row.regime, row.municipality)
