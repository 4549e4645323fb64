"""What follows from a new fold: which version a clock has now, what must be said, which timer comes next.

A clock is derived from the journal; what has been *said* of it (reminders, breaches) is remembered beside it, so that
a recount says nothing twice. A clock has at most one armed timer; firing it arms the next rung of the ladder.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from services.sla.calendars.rules.calendars import Calendar
from services.sla.calendars.rules.deadlines import is_late
from services.sla.clocks.rules.changes import explain_change, revise
from services.sla.clocks.rules.fold import Clock
from services.sla.escalation.rules.timers import Memory, Timer, first_awaited, list_timers, time_breach
from services.sla.policies.rules.escalation import Ladder


@dataclass(frozen=True, slots=True)
class Settlement:
    """The clock with its version; `change`: why its due time moved. `breach`: say now that it was broken;
    `withdrawn`: the version of a breach to take back. `memory` and `timer` (None: nothing to wait for) replace the
    stored ones."""

    clock: Clock
    change: str | None
    breach: Timer | None
    withdrawn: int | None
    memory: Memory
    timer: Timer | None


def settle(
    old: Clock | None,
    memory: Memory | None,
    new: Clock,
    ladder: Ladder,
    calendar: Calendar,
    now: datetime,
) -> Settlement:
    """Compare a fold with what was stored (`old`) and said (`memory`)."""
    remembered = memory or Memory(1)
    clock = revise(old, new) if old else new.at_version(remembered.version)
    noted = _note_breach(clock, remembered, ladder)
    timers, fired = _renew_reminders(clock, noted.fired, ladder, calendar, now)
    after = Memory(clock.version, tuple(sorted(fired)), noted.standing)
    moved = old is not None and old.due_at != clock.due_at
    change = explain_change(_localise(old, calendar), _localise(clock, calendar)) if old and moved else None
    return Settlement(clock, change, noted.breach, noted.withdrawn, after, first_awaited(timers, after))


class _Noted(NamedTuple):
    """What is said of a clock's breach, as in `Settlement` and `Memory`."""

    fired: set[str]
    standing: int | None = None
    breach: Timer | None = None
    withdrawn: int | None = None


def _note_breach(clock: Clock, memory: Memory, ladder: Ladder) -> _Noted:
    fired, standing = set(memory.fired), memory.breached_version
    if clock.state != "breached":
        return _Noted({slot for slot in fired if slot.startswith("reminder:")}, withdrawn=standing)
    # What had ended or was late before it came here is known of, never announced: whoever was to be told has been.
    if clock.past or clock.due_at is None or standing is not None:
        return _Noted(fired, standing)
    breach = time_breach(ladder, clock.due_at)
    return _Noted(fired | {breach.slot}, clock.version, breach)


def _renew_reminders(
    clock: Clock, fired: set[str], ladder: Ladder, calendar: Calendar, now: datetime
) -> tuple[list[Timer], set[str]]:
    """The timers that matter, and the slots that need not be said any more."""
    if is_late(now, clock.due_at):  # a reminder of a time that has already passed would only confuse
        said = fired | ladder.reminders
        return list_timers(clock, ladder, calendar, now, said), said
    timers = list_timers(clock, ladder, calendar, now, fired - ladder.reminders)
    # A due time that moved on is announced again; one that was announced and has only shifted is not.
    ahead = {timer.slot for timer in timers if timer.fire_at > now and timer.kind == "reminder"}
    return timers, fired - ahead


def _localise(clock: Clock, calendar: Calendar) -> Clock:
    """For sentences: people read the wall clock of their own place."""
    due_at = calendar.to_local(clock.due_at) if clock.due_at else None
    return replace(clock, due_at=due_at, started_at=calendar.to_local(clock.started_at))
