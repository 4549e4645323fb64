"""What was sent of each clock and what is armed next: a row a clock, and the lock between handlers and the firing
task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows, rows, update_rows
from chassis.wake_ups import wake_after_commit
from services.sla import tables
from services.sla.escalation.rules.timers import NotificationState
from services.sla.keys import CLOCK_KEY, AppealKey, ClockKey, arrays_of

TIMERS: Final = "timers"
"""What ends the rest of the worker that fires."""
_SOON: Final = timedelta(seconds=2)
_OF: Final = "region = ANY(:regions::text[]) AND appeal_id = ANY(:ids::uuid[])"
_LOCKED: Final = "ORDER BY region, appeal_id, assignment_id, clock, cycle FOR UPDATE"
_STATES: Final = (
    "SELECT region, appeal_id::text, assignment_id::text, clock, cycle, version, fired, breached_version "
    f"FROM sla.timer WHERE {_OF} {_LOCKED}"
)
_OVERWRITE: Final = f"({', '.join(CLOCK_KEY)}) DO UPDATE SET " + ", ".join(
    f"{field.name} = excluded.{field.name}" for field in fields(tables.Timer) if field.name not in CLOCK_KEY
)
_IN_KEY_ORDER: Final = attrgetter(*CLOCK_KEY)


@dataclass(slots=True)
class _State:
    region: str
    appeal_id: str
    assignment_id: str
    clock: str
    cycle: int
    version: int
    fired: list[str]
    breached_version: int | None


async def lock_states(session: AsyncSession, keys: Sequence[AppealKey]) -> dict[ClockKey, NotificationState]:
    """What was sent of the appeals' clocks. Waits for timers that are firing just now, and keeps others from it."""
    return {
        ClockKey(each.region, each.appeal_id, each.assignment_id, each.clock, each.cycle): NotificationState(
            each.version, tuple(each.fired), each.breached_version
        )
        for each in await rows(session, _State, _STATES, **arrays_of(keys))
    }


async def store_timers(session: AsyncSession, timers: Sequence[tables.Timer], now: datetime) -> None:
    """Write timer rows, new or changed, in key order; the firing task of this process is woken after the commit if one
    is due before it looks again by itself."""
    await insert_rows(session, tables.timer, sorted(timers, key=_IN_KEY_ORDER), on_conflict=_OVERWRITE)
    if any(timer.state == "armed" and timer.fire_at - now < _SOON for timer in timers):
        wake_after_commit(session, TIMERS)


async def silence_timers(session: AsyncSession, keys: Sequence[ClockKey]) -> None:
    """Nothing more is sent of these clocks, and nothing is known of what was."""
    await update_rows(
        session,
        tables.timer,
        [key._asdict() for key in keys],
        keys=CLOCK_KEY,
        assign={
            "state": "'done'",
            "slot": "NULL",
            "breached_version": "NULL",
            "fired": "'{}'",
            "version": "t.version + 1",
        },
    )
