"""What follows from a new fold: which version a clock has now, what must be announced, which timer comes next.

A clock is derived from the journal; what has been *sent* of it (reminders, breaches) is stored beside it, so that
a recount sends nothing twice. A clock has at most one armed timer; firing it arms the next level of the policy.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from services.sla.calendars.rules.calendars import Calendar
from services.sla.calendars.rules.deadlines import is_late
from services.sla.clocks.rules.changes import explain_change, revise
from services.sla.clocks.rules.fold import Clock
from services.sla.escalation.rules.timers import (
    NotificationState,
    Timer,
    first_awaited,
    list_timers,
    time_breach,
)
from services.sla.policies.rules.escalation import EscalationPolicy


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The clock with its version; `change`: why its due time moved. `breach`: announce now that it was broken;
    `withdrawn`: the version of a breach to take back. `state` and `timer` (None: nothing to wait for) replace the
    stored ones."""

    clock: Clock
    change: str | None
    breach: Timer | None
    withdrawn: int | None
    state: NotificationState
    timer: Timer | None


def reconcile(
    old: Clock | None,
    state: NotificationState | None,
    new: Clock,
    escalation: EscalationPolicy,
    calendar: Calendar,
    now: datetime,
) -> Reconciliation:
    """Compare a fold with what was stored (`old`) and sent (`state`)."""
    known = state or NotificationState(1)
    clock = revise(old, new) if old else new.at_version(known.version)
    noted = _note_breach(clock, known, escalation)
    timers, fired = _renew_reminders(clock, noted.fired, escalation, calendar, now)
    after = NotificationState(clock.version, tuple(sorted(fired)), noted.breached_version)
    moved = old is not None and old.due_at != clock.due_at
    change = explain_change(_localise(old, calendar), _localise(clock, calendar)) if old and moved else None
    return Reconciliation(clock, change, noted.breach, noted.withdrawn, after, first_awaited(timers, after))


class _Noted(NamedTuple):
    """What is known of a clock's breach, as in `Reconciliation` and `NotificationState`."""

    fired: set[str]
    breached_version: int | None = None
    breach: Timer | None = None
    withdrawn: int | None = None


def _note_breach(clock: Clock, state: NotificationState, escalation: EscalationPolicy) -> _Noted:
    fired, in_force = set(state.fired), state.breached_version
    if clock.state != "breached":
        return _Noted({slot for slot in fired if slot.startswith("reminder:")}, withdrawn=in_force)
    # What had ended or was late before it came here is known of, never announced: whoever was to be notified has been.
    if clock.decided_in_legacy or clock.due_at is None or in_force is not None:
        return _Noted(fired, in_force)
    breach = time_breach(escalation, clock.due_at)
    return _Noted(fired | {breach.slot}, clock.version, breach)


def _renew_reminders(
    clock: Clock, fired: set[str], escalation: EscalationPolicy, calendar: Calendar, now: datetime
) -> tuple[list[Timer], set[str]]:
    """The timers that matter, and the slots that need not be sent any more."""
    if is_late(now, clock.due_at):  # a reminder of a time that has already passed would only confuse
        sent = fired | escalation.reminders
        return list_timers(clock, escalation, calendar, now, sent), sent
    timers = list_timers(clock, escalation, calendar, now, fired - escalation.reminders)
    # A due time that moved on is announced again; one that was announced and has only shifted is not.
    ahead = {timer.slot for timer in timers if timer.fire_at > now and timer.kind == "reminder"}
    return timers, fired - ahead


def _localise(clock: Clock, calendar: Calendar) -> Clock:
    """For sentences: people read the wall clock of their own place."""
    due_at = calendar.to_local(clock.due_at) if clock.due_at else None
    return replace(clock, due_at=due_at, started_at=calendar.to_local(clock.started_at))
