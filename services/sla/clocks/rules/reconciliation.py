"""What follows from a new fold: which version a clock has now, what must be said, which timer comes next.

A clock is derived from the journal; what has been *said* of it (reminders, breaches) is remembered beside it, so that
a recount says nothing twice. A clock has at most one armed timer; firing it arms the next rung of the ladder.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from services.sla.calendars.rules.calendars import Calendar
from services.sla.clocks.rules.changes import explain_change, revise
from services.sla.clocks.rules.fold import Clock
from services.sla.calendars.rules.deadlines import is_late
from services.sla.escalation.rules.ladder import Rung, Timer, firing_order, set_timers
from services.sla.policies.rules.policies import ClockKind

_TICK: Final = timedelta(seconds=1)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_ZONE_CHANGE: Final = timedelta(hours=2)  # it shortens a day


@dataclass(frozen=True, slots=True)
class _Step:
    """A rung and what can be known of it beforehand. `lag`: it fires no sooner after the due time than this (working
    time passes no faster than the clock on the wall)."""

    rung: Rung
    slots: tuple[str, ...]
    lag: timedelta


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
        self._steps = sorted(steps, key=lambda step: (step.lag, step.rung.level))
        self._by_clock: dict[ClockKind, list[_Step]] = {}
        self.reminders = frozenset(
            slot for step in steps if step.rung.kind == "reminder" for slot in step.slots
        )

    def steps_of(self, clock: ClockKind) -> list[_Step]:
        """Those for a kind of clock, reminders first, then by the earliest time after the due time."""
        if clock not in self._by_clock:
            self._by_clock[clock] = [step for step in self._steps if step.rung.is_for(clock)]
        return self._by_clock[clock]

    def breach_of(self, clock: Clock) -> Timer:
        """What is said of a breached clock."""
        assert clock.due_at is not None
        rung = self.breach
        return Timer(clock.key, clock.version, rung.level, 1, "breach", rung.whom, clock.due_at + _TICK)


def _slots_of(rung: Rung) -> tuple[str, ...]:
    return tuple(f"{rung.kind}:{rung.level}:{repeat}" for repeat in range(1, rung.times + 1))


def _lag_of(rung: Rung) -> timedelta:
    if rung.kind == "reminder":
        return timedelta.min  # any time before
    if rung.after is None:
        return timedelta(0)
    shortened = _ZONE_CHANGE if rung.after.in_days else timedelta(0)
    return rung.after.wall_time - shortened


@dataclass(frozen=True, slots=True)
class Memory:
    """What was said of a clock. `fired`: slots said for its present due time; `breached_version`: the standing
    breach's name, None when there is none."""

    version: int
    fired: tuple[str, ...] = ()
    breached_version: int | None = None

    def awaits(self, timer: Timer) -> bool:
        """Whether it is still to be said. A breach stands once, under whatever level of a ladder edited since."""
        stands = timer.kind == "breach" and self.breached_version is not None
        return timer.slot not in self.fired and not stands


_UNTOLD: Final = Memory(1)


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
    remembered = memory or _UNTOLD
    clock = revise(old, new) if old else new.at_version(remembered.version)
    noted = _note_breach(clock, remembered, ladder)
    timers, fired = _renew_reminders(clock, noted.fired, ladder, calendar, now)
    after = Memory(clock.version, tuple(sorted(fired)), noted.standing)
    moved = old is not None and old.due_at != clock.due_at
    change = explain_change(_localise(old, calendar), _localise(clock, calendar)) if old and moved else None
    return Settlement(clock, change, noted.breach, noted.withdrawn, after, _first(timers, after))


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
    if clock.past or standing is not None:
        return _Noted(fired, standing)
    breach = ladder.breach_of(clock)
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


def list_timers(
    clock: Clock, ladder: Ladder, calendar: Calendar, now: datetime, said: Collection[str]
) -> list[Timer]:
    """In order, all timers that are due and at least the next one; rungs that are `said` altogether are left out.

    Rungs are worked out only as far as they matter: of a breached clock that is one, not the whole ladder.
    """
    if clock.awaited_until is None or clock.past:
        return []
    due_at = clock.awaited_until.astimezone(UTC)
    found: list[Timer] = []
    following = _NEVER
    for step in ladder.steps_of(clock.clock):
        if step.slots[-1] in said:
            continue
        if step.lag > following - due_at:
            break
        timers = set_timers(clock, [step.rung], calendar)
        ahead = (timer.fire_at for timer in timers if timer.fire_at > now and timer.slot not in said)
        following = min([following, *ahead])
        found += timers
    return sorted(found, key=firing_order)


def fire(
    clock: Clock, memory: Memory, ladder: Ladder, calendar: Calendar, now: datetime
) -> tuple[list[Timer], Memory, Timer | None]:
    """All timers that are due and were not fired yet (several after an outage), the new memory, and the next one."""
    timers = list_timers(clock, ladder, calendar, now, set(memory.fired))
    due = [timer for timer in timers if timer.fire_at <= now and memory.awaits(timer)]
    said = {*memory.fired, *(timer.slot for timer in due)}
    breaks = any(timer.kind == "breach" for timer in due)
    breached = memory.version if breaks else memory.breached_version
    after = Memory(memory.version, tuple(sorted(said)), breached)
    return due, after, _first(timers, after)


def _first(timers: Iterable[Timer], memory: Memory) -> Timer | None:
    return next((timer for timer in timers if memory.awaits(timer)), None)
