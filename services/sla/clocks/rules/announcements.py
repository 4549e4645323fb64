"""Clocks as the other services learn of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import cast
from uuid import UUID

from contracts.sla import ClockReading, DeadlineCorrected, DeadlineSet
from services.sla.clocks.rules.fold import Clock
from services.sla.keys import ClockKey


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


def announce(region: str, clocks: Iterable[tuple[Clock, str]], sequence: int, now: datetime) -> DeadlineSet:
    """All clocks, with their reasons, of one assignment (or of the appeal itself); the newest one names the holder."""
    clocks = list(clocks)
    newest = max((clock for clock, _ in clocks), key=lambda clock: (clock.ended_at is None, clock.started_at))
    return DeadlineSet.model_validate(
        {
            "time": now,
            "sequence": sequence,
            "region": region,
            "deadline_id": newest.assignment_id or newest.appeal_id,
            "appeal_id": newest.appeal_id,
            "assignment_id": newest.assignment_id,
            "organisation_id": newest.organisation_id,
            "lead": newest.lead,
            "clocks": tuple(reading_of(clock, reason) for clock, reason in clocks),
        }
    )


def withdraw(
    key: ClockKey, organisation_id: str | None, version: int, reason: str, now: datetime
) -> DeadlineCorrected:
    """A breach that did not happen."""
    return DeadlineCorrected.model_validate(
        {
            "time": now,
            "region": key.region,
            "deadline_id": key.holder or key.appeal_id,
            "appeal_id": key.appeal_id,
            "assignment_id": key.holder,
            "organisation_id": organisation_id,
            "clock": key.clock,
            "cycle": key.cycle,
            "version": version,
            "reason": reason,
            "corrected_at": now,
        }
    )
