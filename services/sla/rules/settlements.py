"""What follows from a new fold: which version a clock has now, what must be said, which timer comes next.

A clock is derived from the journal; what has been *said* of it (reminders, breaches) is remembered beside it, so that
a recount says nothing twice. A clock has at most one armed timer; firing it arms the next rung of the ladder.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from services.sla.rules.calendars import Calendar
from services.sla.rules.changes import explain_change, revise
from services.sla.rules.clocks import Clock
from services.sla.rules.deadlines import is_late
from services.sla.rules.ladder import Rung, Timer, set_timers
from services.sla.rules.policies import ClockKind

_TICK: Final = timedelta(seconds=1)
_NOTHING: Final = timedelta(0)


@dataclass(frozen=True, slots=True)
class _Step:
    """A rung and what can be known of it beforehand. `lag`: it fires no sooner after the due time than this (working
    time passes no faster than the clock on the wall); None: a reminder."""

    rung: Rung
    slots: tuple[str, ...]
    lag: timedelta | None


class Ladder:
    """A region's rungs of one regime, prepared. Raises ValueError unless exactly one rung, for all clocks, is the
    breach, and every level is there once."""

    def __init__(self, rungs: Iterable[Rung]) -> None:
        self.rungs = tuple(rungs)
        if len({rung.level for rung in self.rungs}) != len(self.rungs):
            raise ValueError("every rung of a ladder has a level of its own")
        breaches = [rung for rung in self.rungs if rung.kind == "breach"]
        if len(breaches) != 1 or breaches[0].clocks:
            raise ValueError("a ladder has exactly one breach, for all clocks")
        self.breach = breaches[0]
        steps = [_Step(rung, _slots_of(rung), _lag_of(rung)) for rung in self.rungs]
        self._steps = sorted(
            steps, key=lambda step: (step.lag is not None, step.lag or _NOTHING, step.rung.level)
        )
        self._by_clock: dict[ClockKind, list[_Step]] = {}
        self.reminders = frozenset(slot for step in steps if step.lag is None for slot in step.slots)

    def steps_of(self, clock: ClockKind) -> list[_Step]:
        """Those for a kind of clock, reminders first, then by the earliest time after the due time."""
        steps = self._by_clock.get(clock)
        if steps is None:
            steps = [step for step in self._steps if not step.rung.clocks or clock in step.rung.clocks]
            self._by_clock[clock] = steps
        return steps


def _slots_of(rung: Rung) -> tuple[str, ...]:
    return tuple(f"{rung.kind}:{rung.level}:{repeat}" for repeat in range(1, rung.times + 1))


def _lag_of(rung: Rung) -> timedelta | None:
    if rung.kind == "reminder":
        return None
    if rung.after is None:
        return _NOTHING
    amount, unit = rung.after.amount, rung.after.unit
    if unit in ("calendar_day", "working_day"):
        return timedelta(days=amount, hours=-2)  # a zone that changes shortens a day
    return timedelta(minutes=amount * (1 if unit == "minute" else 60))


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
    ladder: Ladder,
    calendar: Calendar,
    now: datetime,
) -> Settlement:
    """Compare a fold with what was stored (`old`) and said (`memory`)."""
    remembered = memory or Memory(1)
    clock = revise(old, new) if old else _at_version(new, remembered.version)
    standing, withdrawn, breach = remembered.breached_version, None, None
    fired = set(remembered.fired)
    # What had ended or was late before it came here is known of, never announced: whoever was to be told has been.
    if clock.state == "breached":
        if standing is None and not clock.past:
            breach = _breach_of(clock, ladder)
            standing = clock.version
            fired.add(breach.slot)
    else:
        if standing is not None:
            withdrawn, standing = standing, None
        fired = {slot for slot in fired if slot.startswith("reminder:")}
    late = clock.due_at is not None and is_late(now, clock.due_at)
    if late:  # a reminder of a time that has already passed would only confuse
        fired |= ladder.reminders
        timers = list_timers(clock, ladder, calendar, now, fired)
    else:
        timers = list_timers(clock, ladder, calendar, now, fired - ladder.reminders)
        # A due time that moved on is announced again; one that was announced and has only shifted is not.
        fired -= {timer.slot for timer in timers if timer.fire_at > now and timer.kind == "reminder"}
    after = Memory(clock.version, tuple(sorted(fired)), standing)
    moved = old is not None and old.due_at != clock.due_at
    change = explain_change(_localise(old, calendar), _localise(clock, calendar)) if old and moved else None
    return Settlement(clock, change, breach, withdrawn, after, _first(timers, after))


def _at_version(clock: Clock, version: int) -> Clock:
    return clock if clock.version == version else replace(clock, version=version)


def _localise(clock: Clock, calendar: Calendar) -> Clock:
    """For sentences: people read the wall clock of their own place."""
    due_at = calendar.to_local(clock.due_at) if clock.due_at else None
    return replace(clock, due_at=due_at, started_at=calendar.to_local(clock.started_at))


def list_timers(
    clock: Clock, ladder: Ladder, calendar: Calendar, now: datetime, said: Collection[str]
) -> list[Timer]:
    """In order, all timers that are due and at least the next one; rungs that are `said` altogether are left out.

    Rungs are worked out only as far as they matter: of a breached clock that is one, not the whole ladder.
    """
    if clock.due_at is None or clock.ended_at is not None or clock.past:
        return []
    due_at = clock.due_at.astimezone(UTC)
    found: list[Timer] = []
    following: datetime | None = None
    for step in ladder.steps_of(clock.clock):
        if step.slots[-1] in said:
            continue
        if following is not None and step.lag is not None and due_at + step.lag > max(now, following):
            break
        for timer in set_timers(clock, [step.rung], calendar):
            found.append(timer)
            if timer.fire_at > now and timer.slot not in said:
                following = min(following or timer.fire_at, timer.fire_at)
    return sorted(found, key=lambda timer: (timer.fire_at, timer.level, timer.repeat))


def fire(
    clock: Clock, memory: Memory, ladder: Ladder, calendar: Calendar, now: datetime
) -> tuple[list[Timer], Memory, Timer | None]:
    """All timers that are due and were not fired yet (several after an outage), the new memory, and the next one."""
    said = set(memory.fired)
    timers = list_timers(clock, ladder, calendar, now, said)
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


def _breach_of(clock: Clock, ladder: Ladder) -> Timer:
    assert clock.due_at is not None
    rung = ladder.breach
    return Timer(clock.key, clock.version, rung.level, 1, "breach", rung.whom, clock.due_at + _TICK)
