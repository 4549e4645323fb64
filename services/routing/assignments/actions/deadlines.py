"""Deadlines as the queue shows them: the answer clock of each assignment, the newest reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import update_rows
from contracts.sla import DeadlineSet
from services.routing.assignments.schemas.words import pack_due_reason
from services.routing.tables import assignment


async def show_deadline(session: AsyncSession, events: Sequence[DeadlineSet]) -> None:
    """Write due time, day and reason; never touches `version`, never goes back to an older reading."""
    newest: dict[tuple[str, UUID], DeadlineSet] = {}
    for event in events:
        if event.assignment_id is not None:
            key = event.region, event.assignment_id
            if key not in newest or newest[key].sequence < event.sequence:
                newest[key] = event
    rows = []
    for (region, assignment_id), event in sorted(newest.items()):
        reading = _answer_clock(event)
        if reading is not None:
            rows.append(
                {"region": region, "id": assignment_id, **reading, "deadline_sequence": event.sequence}
            )
    await update_rows(
        session, assignment, rows, keys=("region", "id"), where="t.deadline_sequence < r.deadline_sequence"
    )


def _answer_clock(event: DeadlineSet) -> dict[str, Any] | None:
    clocks = [clock for clock in event.clocks if clock.clock == "answer"]
    if not clocks:
        return None
    clock = max(clocks, key=lambda clock: clock.cycle)
    return {"due_at": clock.due_at, "due_on": clock.due_on, **pack_due_reason(clock.reason)}
