"""Deadlines as the queue shows them: the answer clock of each assignment, the newest reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import update_rows
from contracts.sla import ClockReading, DeadlineSet
from services.routing.assignments.rules.words import pack_reason
from services.routing.tables.assignments import assignment


@dataclass(frozen=True, slots=True)
class _Deadline:
    region: str
    id: UUID
    deadline_sequence: int
    due_at: datetime | None
    due_on: date | None
    due_packed: bytes | None
    due_reason: None = None  # in rows of older versions


async def set_deadlines(session: AsyncSession, events: Sequence[DeadlineSet]) -> None:
    """Due time, day and reason into the queue; never touches `version`, never goes back to an older reading."""
    in_order = sorted(events, key=lambda event: event.sequence)
    newest = {
        (event.region, event.assignment_id): event for event in in_order if event.assignment_id is not None
    }
    deadlines = [
        _Deadline(
            region, assignment_id, event.sequence, clock.due_at, clock.due_on, pack_reason(clock.reason)
        )
        for (region, assignment_id), event in sorted(newest.items())
        if (clock := _answer_clock(event)) is not None
    ]
    await update_rows(
        session,
        assignment,
        deadlines,
        keys=("region", "id"),
        where="t.deadline_sequence < r.deadline_sequence",
    )


def _answer_clock(event: DeadlineSet) -> ClockReading | None:
    """Of the present cycle."""
    clocks = [clock for clock in event.clocks if clock.clock == "answer"]
    return max(clocks, key=lambda clock: clock.cycle, default=None)
