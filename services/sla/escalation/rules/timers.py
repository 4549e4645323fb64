"""When an escalation policy fires: its levels turned into instants for one clock, and what is known of those that
fired.

Nobody is written to at midnight: reminders and escalations wait for office hours (a reminder that would then come too
late goes out at the end of the last office day before).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Final, Literal, Protocol, cast

from contracts.sla import ClockKind
from services.sla.calendars.rules.calendars import Calendar
from services.sla.calendars.rules.terms import Term, Unit
from services.sla.policies.rules.escalation import EscalationLevel, EscalationPolicy, LevelKind, Recipient

_TICK: Final = timedelta(seconds=1)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class TimedClock(Protocol):
    """What levels need of a clock. `awaited_until`: when it is due, while anybody is to hear of that."""

    @property
    def clock(self) -> ClockKind: ...

    @property
    def started_at(self) -> datetime: ...

    @property
    def awaited_until(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Timer:
    """Fire once at `fire_at`: notify `recipient`. `slot` is unique within one version of one clock."""

    level: int
    repeat: int
    kind: LevelKind
    recipient: Recipient
    fire_at: datetime
    slot: str = field(init=False, compare=False)  # name for the unique key (clock, version, slot)

    def __post_init__(self) -> None:
        object.__setattr__(self, "slot", f"{self.kind}:{self.level}:{self.repeat}")


def time_breach(escalation: EscalationPolicy, due_at: datetime) -> Timer:
    """The timer of a breach."""
    level = escalation.breach
    return Timer(level.number, 1, "breach", level.recipient, due_at + _TICK)


def set_timers(clock: TimedClock, levels: Iterable[EscalationLevel], calendar: Calendar) -> list[Timer]:
    """All timers of a clock in order of firing, also those in the past (a clock learned of late fires them at
    once).

    None for a clock that has ended or stands still. Reminders that would come before the start are left out.
    """
    if clock.awaited_until is None:
        return []
    started_at = clock.started_at.astimezone(UTC).replace(microsecond=0)
    due_at = clock.awaited_until.astimezone(UTC)
    timers = [
        timer
        for level in levels
        if level.is_for(clock.clock)
        for timer in _timers_of(level, started_at, due_at, calendar)
    ]
    return sorted(timers, key=firing_order)


firing_order = attrgetter("fire_at", "level", "repeat")


# As in `deadlines`: the clocks of a crowd start in the same second, and UTC keeps a doubled local hour apart.
@lru_cache(maxsize=4096)
def _timers_of(
    level: EscalationLevel, started_at: datetime, due_at: datetime, calendar: Calendar
) -> tuple[Timer, ...]:
    instants = _list_instants(level, started_at, due_at, calendar)
    return tuple(
        Timer(level.number, repeat, level.kind, level.recipient, fire_at)
        for repeat, fire_at in enumerate(instants, start=1)
    )


def _list_instants(
    level: EscalationLevel, started_at: datetime, due_at: datetime, calendar: Calendar
) -> tuple[datetime, ...]:
    if level.kind == "breach":
        return (calendar.to_local(due_at + _TICK),)
    instants = [_first_instant(level, started_at, due_at, calendar)]
    while level.every and len(instants) < level.times:
        instants.append(_move(instants[-1], level.every, 1, calendar))
    if level.kind == "escalation":
        return tuple(_wait_for_office(instant, calendar) for instant in instants)
    fitting = [_fit_before(instant, due_at, calendar) for instant in instants if instant <= due_at]
    return tuple(instant for instant in dict.fromkeys(fitting) if instant > started_at)


def _first_instant(
    level: EscalationLevel, started_at: datetime, due_at: datetime, calendar: Calendar
) -> datetime:
    if level.share is not None:
        return started_at + (due_at - started_at) * level.share
    if level.before is not None:
        return _move(due_at, level.before, -1, calendar)
    return _move(due_at, cast(Term, level.after), 1, calendar)


def _move(moment: datetime, term: Term, sign: Literal[-1, 1], calendar: Calendar) -> datetime:
    """`moment` moved by a term: whole days keep the local time of day, office time is walked."""
    move_wall = _WALL_MOVES.get(term.unit)
    if move_wall is None:
        return calendar.add_time(moment, sign * term.wall_time)
    local = calendar.to_local(moment).replace(microsecond=0, tzinfo=None)
    return calendar.to_instant(move_wall(calendar, local, sign * term.amount))


def _move_days(calendar: Calendar, wall: datetime, days: int) -> datetime:
    return wall + timedelta(days=days)


def _move_working_days(calendar: Calendar, wall: datetime, days: int) -> datetime:
    return datetime.combine(calendar.shift(wall.date(), days), wall.time())


def _move_working_hours(calendar: Calendar, wall: datetime, hours: int) -> datetime:
    if hours > 0:
        return calendar.add_open(wall, hours * 3600)
    return calendar.subtract_open(wall, -hours * 3600)


_WALL_MOVES: Final[Mapping[Unit, Callable[[Calendar, datetime, int], datetime]]] = {
    "calendar_day": _move_days,
    "working_day": _move_working_days,
    "working_hour": _move_working_hours,
}
"""Units that go by the wall clock of the place; the others by time that passes."""


def _wait_for_office(moment: datetime, calendar: Calendar) -> datetime:
    """The moment itself in office hours, else the next opening."""
    local = calendar.to_local(moment).replace(microsecond=0, tzinfo=None)
    if calendar.is_open(local):
        return calendar.to_instant(local)
    return calendar.to_instant(calendar.add_open(local, 1) - _TICK)


def _fit_before(moment: datetime, due_at: datetime, calendar: Calendar) -> datetime:
    """In office hours if that is still before the deadline, else the last open second before the moment."""
    opened = _wait_for_office(moment, calendar)
    if opened < due_at:
        return opened
    local = calendar.to_local(moment).replace(microsecond=0, tzinfo=None)
    return calendar.to_instant(calendar.subtract_open(local, 1))


@dataclass(frozen=True, slots=True)
class NotificationState:
    """What was sent of a clock. `fired`: slots sent for its present due time; `breached_version`: the name of
    the breach in force, None when there is none."""

    version: int
    fired: tuple[str, ...] = ()
    breached_version: int | None = None

    def awaits(self, timer: Timer) -> bool:
        """Whether it is still to be sent. A breach is in force once, under whatever level of a policy edited since."""
        is_in_force = timer.kind == "breach" and self.breached_version is not None
        return timer.slot not in self.fired and not is_in_force


def list_timers(
    clock: TimedClock, escalation: EscalationPolicy, calendar: Calendar, now: datetime, sent: Collection[str]
) -> list[Timer]:
    """In order, all timers that are due and at least the next one; levels that are `sent` altogether are left out.

    Levels are worked out only as far as they matter: of a breached clock that is one, not the whole policy.
    """
    if clock.awaited_until is None:
        return []
    due_at = clock.awaited_until.astimezone(UTC)
    found: list[Timer] = []
    following = _NEVER
    for step in escalation.steps_of(clock.clock):
        if step.slots[-1] in sent:
            continue
        if step.lag > following - due_at:
            break
        timers = set_timers(clock, [step.level], calendar)
        ahead = (timer.fire_at for timer in timers if timer.fire_at > now and timer.slot not in sent)
        following = min([following, *ahead])
        found += timers
    return sorted(found, key=firing_order)


def fire(
    clock: TimedClock,
    state: NotificationState,
    escalation: EscalationPolicy,
    calendar: Calendar,
    now: datetime,
) -> tuple[list[Timer], NotificationState, Timer | None]:
    """All timers that are due and were not fired yet (several after an outage), the new state, and the next one."""
    timers = list_timers(clock, escalation, calendar, now, set(state.fired))
    due = [timer for timer in timers if timer.fire_at <= now and state.awaits(timer)]
    sent = {*state.fired, *(timer.slot for timer in due)}
    breaks = any(timer.kind == "breach" for timer in due)
    breached = state.version if breaks else state.breached_version
    after = NotificationState(state.version, tuple(sorted(sent)), breached)
    return due, after, first_awaited(timers, after)


def first_awaited(timers: Iterable[Timer], state: NotificationState) -> Timer | None:
    """The first of the timers that is still to fire."""
    return next((timer for timer in timers if state.awaits(timer)), None)
