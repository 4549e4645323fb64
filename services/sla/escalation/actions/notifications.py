"""What timers send to the other services, stored as it was sent: reminders, breaches, escalations; and what is
withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows, update_rows
from chassis.moments import not_before
from contracts.event import Event
from contracts.sla import DeadlineBreached, DeadlineCorrected, DeadlineEscalated, DeadlineReminded
from services.sla import tables
from services.sla.escalation.rules.timers import Timer
from services.sla.keys import CLOCK_KEY, NIL, ClockKey

_FIRING_KEY: Final = attrgetter(*CLOCK_KEY, "version", "kind", "level", "repeat")
_RETURNED: Final = "region, appeal_id::text, assignment_id::text, clock, cycle, version, kind, level, repeat"


@dataclass(frozen=True, slots=True)
class Notification:
    """A timer that fires for a clock under a version."""

    key: ClockKey
    organisation_id: str | None
    due_at: datetime
    version: int
    timer: Timer

    def row(self, now: datetime) -> tables.NewFiring:
        """As it is stored."""
        key, timer = self.key, self.timer
        return tables.NewFiring(
            region=key.region,
            appeal_id=key.appeal_id,
            assignment_id=key.assignment_id,
            clock=key.clock,
            cycle=key.cycle,
            version=self.version,
            kind=timer.kind,
            level=timer.level,
            repeat=timer.repeat,
            recipient=timer.recipient,
            organisation_id=self.organisation_id,
            due_at=self.due_at,
            due_for_firing_at=timer.fire_at,
            fired_at=self._fired_at(now),
        )

    def event(self, now: datetime) -> Event:
        """As the other services learn of it."""
        key, timer = self.key, self.timer
        common = {
            "time": now,
            "region": key.region,
            "deadline_id": key.holder or key.appeal_id,
            "appeal_id": key.appeal_id,
            "assignment_id": key.holder,
            "organisation_id": self.organisation_id,
            "clock": key.clock,
            "cycle": key.cycle,
            "due_at": self.due_at,
            "fired_at": self._fired_at(now),
        }
        if timer.kind == "breach":
            return DeadlineBreached.model_validate({**common, "version": self.version})
        kind = DeadlineReminded if timer.kind == "reminder" else DeadlineEscalated
        own = {"level": str(timer.level), "whom": timer.recipient, "due_for_firing_at": timer.fire_at}
        return kind.model_validate({**common, **own})

    def _fired_at(self, now: datetime) -> datetime:
        """Nothing is sent before its time, whatever the clock of the act that caused it."""
        return not_before(now, self.timer.fire_at)


@dataclass(frozen=True, slots=True)
class _Withdrawn:
    region: str
    appeal_id: str
    assignment_id: str
    clock: str
    cycle: int
    version: int


async def record_notifications(
    session: AsyncSession, notifications: Sequence[Notification], now: datetime
) -> list[Event]:
    """Write down what is sent; the events of those rows that nobody had written before."""
    rows = {_FIRING_KEY(row): (row, each) for each in notifications for row in (each.row(now),)}
    returned = await insert_rows(
        session,
        tables.firing,
        [rows[key][0] for key in sorted(rows)],
        on_conflict="DO NOTHING",
        returning=_RETURNED,
    )
    fresh = {tuple(record) for record in returned}
    return [each.event(now) for key, (_, each) in rows.items() if key in fresh]


async def record_withdrawals(session: AsyncSession, events: Sequence[DeadlineCorrected]) -> None:
    """Mark the withdrawn breaches and what followed from them in the feed."""
    withdrawn = [
        _Withdrawn(
            region=event.region,
            appeal_id=str(event.appeal_id),
            assignment_id=str(event.assignment_id or NIL),
            clock=event.clock,
            cycle=event.cycle,
            version=event.version,
        )
        for event in events
    ]
    await update_rows(
        session,
        tables.firing,
        withdrawn,
        keys=CLOCK_KEY,
        assign={"withdrawn_at": "now()"},
        where="t.version >= r.version AND t.kind <> 'reminder' AND t.withdrawn_at IS NULL",
    )
