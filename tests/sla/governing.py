"""Which of an appeal's clocks is its deadline."""

from __future__ import annotations

from collections.abc import Iterable

from services.sla.clocks.rules.fold import Clock


def find_governing(clocks: Iterable[Clock]) -> Clock | None:
    """The answer clock that is the appeal's deadline: the latest due one among leads' clocks that still run,
    else the appeal's own, else the latest that was met or breached, else None."""
    answers = [clock for clock in clocks if clock.clock == "answer" and clock.lead]
    own = [clock for clock in answers if clock.ended_at is None]
    awaited = [clock for clock in own if clock.assignment_id]
    done = [clock for clock in answers if clock.state in ("met", "breached")]
    candidates = awaited or own or done
    # A paused clock is due later than any date.
    return max(
        candidates, key=lambda clock: (clock.due_at is None, clock.due_at or clock.started_at), default=None
    )
