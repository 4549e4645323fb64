"""What is said to the other services, and kept as said: readings, reminders, breaches, escalations, withdrawals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows
from chassis.moments import not_before
from contracts.event import Event
from contracts.sla import (
    ClockReading,
    DeadlineBreached,
    DeadlineCorrected,
    DeadlineEscalated,
    DeadlineReminded,
    DeadlineSet,
)
from services.sla.rules.clocks import Clock
from services.sla.rules.ladder import Timer
from services.sla.tables import NOBODY, firing


@dataclass(frozen=True, slots=True)
class Said:
    """A timer that fires for a clock under a version."""

    region: str
    clock: Clock
    version: int
    timer: Timer


def reading_of(clock: Clock, reason: str) -> ClockReading:
    """A clock as others see it."""
    return ClockReading(
        clock=clock.clock,
        cycle=clock.cycle,
        state=clock.state,
        due_at=clock.due_at,
        due_on=clock.due_on,
        met_at=clock.met_at,
        policy_id=cast(UUID, clock.policy_id),
        reason=reason,
        version=clock.version,
    )


def announce(
    region: str, first: Clock, readings: Sequence[ClockReading], sequence: int, now: datetime
) -> DeadlineSet:
    """All readings of one assignment (or of the appeal itself); `first` is any of its clocks, the newest by holder."""
    return DeadlineSet(
        time=now, sequence=sequence, region=region, **_holder(first), lead=first.lead, clocks=tuple(readings)
    )


def withdraw(region: str, clock: Clock, version: int, reason: str, now: datetime) -> DeadlineCorrected:
    """A breach that did not happen."""
    return DeadlineCorrected(
        time=now,
        region=region,
        **_holder(clock),
        clock=clock.clock,
        cycle=clock.cycle,
        version=version,
        reason=reason,
        corrected_at=now,
    )


async def keep_firings(session: AsyncSession, said: Sequence[Said], now: datetime) -> list[Event]:
    """Write down what is said; the events of those rows that nobody had written before."""
    rows = {_key(each): (_row(each, now), each) for each in said}
    returned = await insert_rows(
        session,
        firing,
        [rows[key][0] for key in sorted(rows)],
        on_conflict="DO NOTHING",
        returning="region, appeal_id::text, assignment_id::text, clock, cycle, version, kind, level, repeat",
    )
    fresh = {tuple(row) for row in returned}
    return [_tell(each, now) for key, (_, each) in rows.items() if key in fresh]


async def keep_withdrawals(session: AsyncSession, events: Sequence[DeadlineCorrected]) -> None:
    """Mark the withdrawn breaches and what followed from them in the feed."""
    if not events:
        return
    rows = [
        {
            "region": event.region,
            "appeal_id": str(event.appeal_id),
            "assignment_id": str(event.assignment_id or NOBODY),
            "clock": event.clock,
            "cycle": event.cycle,
            "version": event.version,
        }
        for event in events
    ]
    await session.execute(
        text(
            "UPDATE sla.firing f SET withdrawn_at = now() FROM json_to_recordset(CAST(:rows AS json)) "
            "AS r(region text, appeal_id uuid, assignment_id uuid, clock text, cycle integer, version integer) "
            "WHERE f.region = r.region AND f.appeal_id = r.appeal_id AND f.assignment_id = r.assignment_id "
            "AND f.clock = r.clock AND f.cycle = r.cycle AND f.version >= r.version AND f.kind <> 'reminder' "
            "AND f.withdrawn_at IS NULL"
        ),
        {"rows": orjson.dumps(rows).decode()},
    )


def _key(said: Said) -> tuple[Any, ...]:
    clock, timer = said.clock, said.timer
    holder = clock.assignment_id or str(NOBODY)
    return (
        said.region, clock.appeal_id, holder, clock.clock, clock.cycle, said.version,
        timer.kind, timer.level, timer.repeat,
    )  # fmt: skip


def _row(said: Said, now: datetime) -> dict[str, Any]:
    names = ("region", "appeal_id", "assignment_id", "clock", "cycle", "version", "kind", "level", "repeat")
    return dict(zip(names, _key(said), strict=True)) | {
        "whom": said.timer.whom,
        "organisation_id": said.clock.organisation_id,
        "due_at": said.clock.due_at,
        "due_for_firing_at": said.timer.fire_at,
        "fired_at": _fired_at(said, now),
    }


def _fired_at(said: Said, now: datetime) -> datetime:
    """Nothing is said before its time, whatever the clock of the act that told of it."""
    return not_before(now, said.timer.fire_at)


def _tell(said: Said, now: datetime) -> Event:
    clock, timer = said.clock, said.timer
    common: dict[str, Any] = {
        "time": now,
        "region": said.region,
        **_holder(clock),
        "clock": clock.clock,
        "cycle": clock.cycle,
        "due_at": cast(datetime, clock.due_at),
        "fired_at": _fired_at(said, now),
    }
    if timer.kind == "breach":
        return DeadlineBreached(**common, version=said.version)
    event = DeadlineReminded if timer.kind == "reminder" else DeadlineEscalated
    return event(**common, level=str(timer.level), whom=timer.whom, due_for_firing_at=timer.fire_at)


def _holder(clock: Clock) -> dict[str, Any]:
    return {
        "deadline_id": clock.assignment_id or clock.appeal_id,
        "appeal_id": clock.appeal_id,
        "assignment_id": clock.assignment_id,
        "organisation_id": clock.organisation_id,
    }
