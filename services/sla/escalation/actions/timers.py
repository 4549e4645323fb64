"""Timers fire once: claimed by the database clock, sent and armed for the next level in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows, scalar, update_rows
from chassis.outbox import emit
from contracts.intake import Regime
from contracts.sla import ClockKind
from services.sla import tables
from services.sla.calendars.rules.office_hours import Office
from services.sla.escalation.actions.notifications import Notification, record_notifications
from services.sla.escalation.rules.timers import NotificationState, Timer, fire
from services.sla.keys import CLOCK_KEY, ClockKey
from services.sla.policies.queries import read_region_configs
from services.sla.policies.rules.region_config import RegionConfig

# Timers that a handler holds are left to the next pass: this transaction waits for nobody, so it cannot deadlock.
CLAIM: Final = """
SELECT region, appeal_id::text, assignment_id::text, clock, cycle, version, started_at, due_at,
       organisation_id::text, regime, municipality, fired, breached_version, now() AS now
FROM sla.timer WHERE state = 'armed' AND fire_at <= now()
ORDER BY fire_at LIMIT :limit FOR UPDATE SKIP LOCKED
"""
_NEXT: Final = """
SELECT extract(epoch FROM fire_at - clock_timestamp())::float8 FROM sla.timer
WHERE state = 'armed' ORDER BY fire_at LIMIT 1
"""


@dataclass(slots=True)
class _Claimed:
    """A timer's row: as much of a clock as levels need."""

    region: str
    appeal_id: str
    assignment_id: str
    clock: ClockKind
    cycle: int
    version: int
    started_at: datetime
    due_at: datetime
    organisation_id: str | None
    regime: Regime
    municipality: str | None
    fired: list[str]
    breached_version: int | None
    now: datetime

    @property
    def key(self) -> ClockKey:
        """The clock's key."""
        return ClockKey(self.region, self.appeal_id, self.assignment_id, self.clock, self.cycle)

    @property
    def awaited_until(self) -> datetime:
        """It is armed, so somebody waits."""
        return self.due_at

    def fire(self, config: RegionConfig) -> tuple[list[Timer], NotificationState, Timer | None]:
        """What is due, what was sent then, and the next timer."""
        office = Office(self.region, self.municipality, self.organisation_id)
        state = NotificationState(self.version, tuple(self.fired), self.breached_version)
        calendar = config.calendar_of(office, self.now)
        return fire(self, state, config.escalation_policies[self.regime], calendar, self.now)

    def notify(self, timer: Timer) -> Notification:
        """What a timer that is due sends."""
        return Notification(self.key, self.organisation_id, self.due_at, self.version, timer)

    def rest(self, state: NotificationState, following: Timer | None) -> _Rest:
        """The row after it has fired."""
        return _Rest(
            region=self.region,
            appeal_id=self.appeal_id,
            assignment_id=self.assignment_id,
            clock=self.clock,
            cycle=self.cycle,
            state="armed" if following else "done",
            fire_at=following.fire_at if following else self.now,
            slot=following.slot if following else None,
            fired=list(state.fired),
            breached_version=state.breached_version,
        )


@dataclass(slots=True)
class _Rest:
    region: str
    appeal_id: str
    assignment_id: str
    clock: str
    cycle: int
    state: str
    fire_at: datetime
    slot: str | None
    fired: list[str]
    breached_version: int | None


async def fire_due_timers(session: AsyncSession, limit: int) -> int:
    """Fire what is due, oldest first, at most `limit` clocks; how many were claimed."""
    claimed = await rows(session, _Claimed, CLAIM, limit=limit)
    if not claimed:
        return 0
    now = claimed[0].now
    configs = await read_region_configs(session, {each.region for each in claimed})
    notifications: list[Notification] = []
    left: list[_Rest] = []
    for each in sorted(claimed, key=attrgetter(*CLOCK_KEY)):
        due, state, following = each.fire(configs[each.region])
        notifications += map(each.notify, due)
        left.append(each.rest(state, following))
    await update_rows(session, tables.timer, left, keys=CLOCK_KEY)
    await _break_clocks(session, notifications)
    await emit(session, *await record_notifications(session, notifications, now))
    return len(claimed)


async def find_next_firing(session: AsyncSession) -> float | None:
    """Seconds of the database clock until the next timer; negative: overdue. None: nothing is armed."""
    return await scalar(session, float, _NEXT)


async def _break_clocks(session: AsyncSession, notifications: Sequence[Notification]) -> None:
    broken = [each.key._asdict() for each in notifications if each.timer.kind == "breach"]
    await update_rows(
        session,
        tables.clock,
        broken,
        keys=CLOCK_KEY,
        assign={"state": "'breached'"},
        where="t.ended_at IS NULL",
    )
