"""Who hears of a deadline, and when: a region's ladder turned into instants for one clock.

A rung fires at a share of the term, or some office time or days before or after `due_at`; it may repeat while
nobody has answered. Nobody is written to at midnight: reminders and escalations wait for office hours (a
reminder that would then come too late goes out at the end of the last office day before). The breach itself
is a fact, not a letter: it is recorded at the first second that is late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, Literal, cast, get_args

from services.sla.rules.calendars import Calendar
from services.sla.rules.clocks import Clock
from services.sla.rules.policies import ClockKind, Regime
from services.sla.rules.terms import Term, Unit, dump_term, parse_term

RungKind = Literal["reminder", "breach", "escalation"]
Whom = Literal["executor", "head", "superior", "coordinator", "federal"]

_TICK: Final = timedelta(seconds=1)
_MOST_REPEATS: Final = 100
_MOMENTS: Final[Mapping[RungKind, tuple[frozenset[str], str]]] = {
    "reminder": (frozenset({"share", "before"}), "a reminder comes before"),
    "breach": (frozenset(), "a breach is"),
    "escalation": (frozenset({"after"}), "an escalation comes after"),
}
"""What names the moment of a rung."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One row of a ladder. `level` is unique in it and names it in the feed.

    When: `share` of the time from start to due (0 < share < 1), or `before` / `after` due by a term, or
    neither: at the breach itself. `every` and `times`: repeated that often in all (1–100), until the clock
    ends. `clocks`: for which kinds; empty = all. Raises ValueError when these do not fit together.
    """

    level: int
    kind: RungKind
    whom: Whom
    share: float | None = None
    before: Term | None = None
    after: Term | None = None
    every: Term | None = None
    times: int = 1
    clocks: tuple[ClockKind, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in get_args(RungKind) or self.whom not in get_args(Whom):
            raise ValueError("a rung has a known kind and somebody to tell")
        if not set(self.clocks) <= set(get_args(ClockKind)):
            raise ValueError("a rung is for known clocks")
        self._check_moment()
        if self.share is not None and not 0 < self.share < 1:
            raise ValueError("a share lies between 0 and 1")
        if not 1 <= self.times <= _MOST_REPEATS or (self.times > 1) != (self.every is not None):
            raise ValueError(f"a rung that repeats says how often (2–{_MOST_REPEATS}) and every how long")

    def _check_moment(self) -> None:
        named = {name for name in ("share", "before", "after") if getattr(self, name) is not None}
        allowed, when = _MOMENTS[self.kind]
        if len(named) != min(1, len(allowed)):
            raise ValueError("a rung has one of share, before, after; a breach has none")
        if not named <= allowed:
            raise ValueError(f"{when} the deadline")

    def is_for(self, clock: ClockKind) -> bool:
        return not self.clocks or clock in self.clocks


@dataclass(frozen=True, slots=True)
class Timer:
    """Fire once at `fire_at`: tell `whom`. `slot` is unique within one version of one clock."""

    clock_key: str
    clock_version: int
    level: int
    repeat: int
    kind: RungKind
    whom: Whom
    fire_at: datetime

    @property
    def slot(self) -> str:
        """Name for the unique key (clock, version, slot)."""
        return f"{self.kind}:{self.level}:{self.repeat}"


def set_timers(clock: Clock, ladder: Iterable[Rung], calendar: Calendar) -> list[Timer]:
    """All timers of a clock in order of firing, also those in the past (a clock learned of late fires them at
    once).

    None for a clock that has ended or stands still. Reminders that would come before the start are left out.
    """
    if clock.awaited_until is None:
        return []
    started_at = clock.started_at.astimezone(UTC).replace(microsecond=0)
    due_at = clock.awaited_until.astimezone(UTC)
    timers = [
        Timer(clock.key, clock.version, rung.level, repeat, rung.kind, rung.whom, fire_at)
        for rung in ladder
        if rung.is_for(clock.clock)
        for repeat, fire_at in enumerate(_list_instants(rung, started_at, due_at, calendar), start=1)
    ]
    return sorted(timers, key=firing_order)


firing_order = attrgetter("fire_at", "level", "repeat")


# As in `deadlines`: the clocks of a crowd start in the same second, and UTC tells a doubled local hour apart.
@lru_cache(maxsize=4096)
def _list_instants(
    rung: Rung, started_at: datetime, due_at: datetime, calendar: Calendar
) -> tuple[datetime, ...]:
    if rung.kind == "breach":
        return (calendar.to_local(due_at + _TICK),)
    instants = [_first_instant(rung, started_at, due_at, calendar)]
    while rung.every and len(instants) < rung.times:
        instants.append(_move(instants[-1], rung.every, 1, calendar))
    if rung.kind == "escalation":
        return tuple(_wait_for_office(instant, calendar) for instant in instants)
    fitting = [_fit_before(instant, due_at, calendar) for instant in instants if instant <= due_at]
    return tuple(instant for instant in dict.fromkeys(fitting) if instant > started_at)


def _first_instant(rung: Rung, started_at: datetime, due_at: datetime, calendar: Calendar) -> datetime:
    if rung.share is not None:
        return started_at + (due_at - started_at) * rung.share
    if rung.before is not None:
        return _move(due_at, rung.before, -1, calendar)
    return _move(due_at, cast(Term, rung.after), 1, calendar)


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


_NEAR_AND_LAST: Final[Mapping[Regime, tuple[int, int]]] = {"statutory": (2, 15), "message": (1, 20)}


def default_ladder(regime: Regime) -> list[Rung]:
    """The ladder a region starts with. No source gives one (domain.md §9), so it is ours: the nearer the
    deadline and the longer the silence, the higher it goes."""
    long: tuple[ClockKind, ...] = ("answer", "promise", "documents")
    near, last = (Term(days, "working_day") for days in _NEAR_AND_LAST[regime])
    day, week = Term(1, "working_day"), Term(5, "working_day")
    return [
        Rung(10, "reminder", "executor", share=0.5, clocks=("react",)),
        Rung(11, "reminder", "executor", share=0.7, clocks=long),
        Rung(12, "reminder", "head", before=near, clocks=long),
        Rung(13, "reminder", "coordinator", before=day, clocks=("register", "forward")),
        Rung(20, "breach", "executor"),
        Rung(30, "escalation", "head", after=Term(1, "working_hour"), clocks=("react",)),
        Rung(31, "escalation", "coordinator", after=Term(8, "working_hour"), clocks=("react",)),
        Rung(32, "escalation", "head", after=Term(2, "working_hour"), clocks=long),
        Rung(33, "escalation", "superior", after=Term(3, "working_day"), clocks=long),
        Rung(34, "escalation", "coordinator", after=week, every=week, times=4, clocks=long),
        Rung(35, "escalation", "federal", after=last, clocks=("answer",)),
        Rung(36, "escalation", "coordinator", after=Term(2, "working_hour"), clocks=("register", "forward")),
    ]


_TERMS: Final = ("before", "after", "every")


def dump_rung(rung: Rung) -> dict[str, object]:
    """JSON of a row: terms in api.md's shape, absent fields left out."""
    terms = ((name, getattr(rung, name)) for name in _TERMS)
    return {
        "level": rung.level,
        "kind": rung.kind,
        "whom": rung.whom,
        "times": rung.times,
        **({} if rung.share is None else {"share": rung.share}),
        **{name: dump_term(term) for name, term in terms if term is not None},
        **({"clocks": list(rung.clocks)} if rung.clocks else {}),
    }


def parse_rung(data: Mapping[str, Any]) -> Rung:
    """Read `dump_rung`'s shape. Raises ValueError saying what is wrong."""
    terms = {name: parse_term(data[name]) for name in _TERMS if data.get(name) is not None}
    clocks = tuple(cast(Sequence[ClockKind], data.get("clocks") or ()))
    try:
        share = None if data.get("share") is None else float(data["share"])
        level, times = int(data["level"]), int(data.get("times", 1))
        return Rung(level, data["kind"], data["whom"], share, times=times, clocks=clocks, **terms)
    except (KeyError, TypeError) as error:
        raise ValueError("a rung needs level, kind and whom") from error
