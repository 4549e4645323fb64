"""What follows from a new fold: which version a clock has now, what must be said, which timer comes next.

A clock is derived from the journal; what has been *said* of it (reminders, breaches) is remembered beside it, so that
a recount says nothing twice. A clock has at most one armed timer; firing it arms the next rung of the ladder.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from services.sla.rules.calendars import Calendar
from services.sla.rules.changes import explain_change, revise
from services.sla.rules.clocks import Clock
from services.sla.rules.deadlines import is_late
from services.sla.rules.ladder import Rung, Timer, set_timers

_TICK: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Memory:
    """What was said of a clock. `fired`: slots said for its present due time; `breached_version`: the standing
    breach's name, None when there is none."""

    version: int
    fired: tuple[str, ...] = ()
    breached_version: int | None = None


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
    ladder: Sequence[Rung],
    calendar: Calendar,
    now: datetime,
) -> Settlement:
    """Compare a fold with what was stored (`old`) and said (`memory`)."""
    remembered = memory or Memory(1)
    clock = revise(old, new) if old else replace(new, version=remembered.version)
    standing, withdrawn, breach = remembered.breached_version, None, None
    fired = set(remembered.fired)
    if clock.state == "breached":
        if standing is None:
            breach = _breach_of(clock, ladder)
            standing = clock.version
            fired.add(breach.slot)
    else:
        if standing is not None:
            withdrawn, standing = standing, None
        fired = {slot for slot in fired if slot.startswith("reminder:")}
    timers = list_timers(clock, ladder, calendar, now)
    # A due time that moved on is announced again; one that was announced and has only shifted is not.
    fired -= {timer.slot for timer in timers if timer.fire_at > now and timer.kind == "reminder"}
    if clock.due_at is not None and is_late(now, clock.due_at):
        # A reminder of a time that has already passed would only confuse.
        fired |= {timer.slot for timer in timers if timer.kind == "reminder"}
    after = Memory(clock.version, tuple(sorted(fired)), standing)
    moved = old is not None and old.due_at != clock.due_at
    change = explain_change(_localise(old, calendar), _localise(clock, calendar)) if old and moved else None
    return Settlement(clock, change, breach, withdrawn, after, _first(timers, after))


def _localise(clock: Clock, calendar: Calendar) -> Clock:
    """For sentences: people read the wall clock of their own place."""
    due_at = calendar.to_local(clock.due_at) if clock.due_at else None
    return replace(clock, due_at=due_at, started_at=calendar.to_local(clock.started_at))


def list_timers(clock: Clock, ladder: Sequence[Rung], calendar: Calendar, now: datetime) -> list[Timer]:
    """The clock's timers in order; escalations only once the due time has passed (they come after the breach)."""
    if clock.due_at is not None and not is_late(now, clock.due_at):
        ladder = [rung for rung in ladder if rung.kind != "escalation"]
    return set_timers(clock, ladder, calendar)


def fire(
    clock: Clock, memory: Memory, ladder: Sequence[Rung], calendar: Calendar, now: datetime
) -> tuple[list[Timer], Memory, Timer | None]:
    """All timers that are due and were not fired yet (several after an outage), the new memory, and the next one."""
    timers = list_timers(clock, ladder, calendar, now)
    said = set(memory.fired)
    breached = memory.breached_version
    if breached is not None:  # under whatever level of a ladder edited since
        timers = [timer for timer in timers if timer.kind != "breach"]
    due = [timer for timer in timers if timer.fire_at <= now and timer.slot not in said]
    if breached is None and any(timer.kind == "breach" for timer in due):
        breached = memory.version
    said |= {timer.slot for timer in due}
    following = next((timer for timer in timers if timer.slot not in said), None)
    return due, Memory(memory.version, tuple(sorted(said)), breached), following


def _first(timers: Iterable[Timer], memory: Memory) -> Timer | None:
    over = "breach" if memory.breached_version is not None else None
    return next((timer for timer in timers if timer.slot not in memory.fired and timer.kind != over), None)


def _breach_of(clock: Clock, ladder: Iterable[Rung]) -> Timer:
    assert clock.due_at is not None
    rung = next(rung for rung in ladder if rung.kind == "breach")
    return Timer(clock.key, clock.version, rung.level, 1, "breach", rung.whom, clock.due_at + _TICK)
