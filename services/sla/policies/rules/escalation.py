"""Who hears of a deadline, level by level: a region's escalation policy for one regime.

A level fires at a share of the term, or some office time or days before or after `due_at`; it may repeat while nobody
has answered. The breach itself is a fact, not a letter: it is recorded at the first second that is late.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal, cast, get_args

from chassis.faults import Wording
from contracts.intake import Regime
from contracts.sla import ClockKind
from services.sla.calendars.rules.terms import Term, dump_term, parse_term

LevelKind = Literal["reminder", "breach", "escalation"]
Recipient = Literal["executor", "head", "superior", "coordinator", "federal"]

_MOST_REPEATS: Final = 100
_MOMENTS: Final[Mapping[LevelKind, frozenset[str]]] = {
    "reminder": frozenset({"share", "before"}),
    "breach": frozenset(),
    "escalation": frozenset({"after"}),
}
"""What may name the moment of a level."""
_WRONG_MOMENT: Final[Mapping[LevelKind, str]] = {
    "reminder": "a reminder comes before the deadline",
    "breach": "a breach is the deadline",
    "escalation": "an escalation comes after the deadline",
}
_ZONE_CHANGE: Final = timedelta(hours=2)  # it shortens a day


@dataclass(frozen=True, slots=True)
class EscalationLevel:
    """One level of an escalation policy. `number` is unique in it and names it in the feed.

    When: `share` of the time from start to due (0 < share < 1), or `before` / `after` due by a term, or
    neither: at the breach itself. `every` and `times`: repeated that often in all (1–100), until the clock
    ends. `clocks`: for which kinds; empty = all. Raises ValueError when these do not fit together.
    """

    number: int
    kind: LevelKind
    recipient: Recipient
    share: float | None = None
    before: Term | None = None
    after: Term | None = None
    every: Term | None = None
    times: int = 1
    clocks: tuple[ClockKind, ...] = ()

    def __hash__(self) -> int:
        """Enough to tell levels apart, and quickly: timers are remembered by them."""
        return hash((self.number, self.kind, self.share, self.times))

    def __post_init__(self) -> None:
        if self.kind not in get_args(LevelKind) or self.recipient not in get_args(Recipient):
            raise ValueError("a level has a known kind and a known recipient")
        if not set(self.clocks) <= set(get_args(ClockKind)):
            raise ValueError("a level is for known clocks")
        self._check_moment()
        if self.share is not None and not 0 < self.share < 1:
            raise ValueError("a share lies between 0 and 1")
        if not 1 <= self.times <= _MOST_REPEATS or (self.times > 1) != (self.every is not None):
            raise ValueError(
                Wording(
                    "a level that repeats says how often (2–{most}) and every how long",
                    {"most": _MOST_REPEATS},
                )
            )

    def _check_moment(self) -> None:
        named = {name for name in ("share", "before", "after") if getattr(self, name) is not None}
        allowed = _MOMENTS[self.kind]
        if len(named) != min(1, len(allowed)):
            raise ValueError("a level has one of share, before, after; a breach has none")
        if not named <= allowed:
            raise ValueError(_WRONG_MOMENT[self.kind])

    def is_for(self, clock: ClockKind) -> bool:
        """Whether it concerns clocks of this kind."""
        return not self.clocks or clock in self.clocks


@dataclass(frozen=True, slots=True)
class _Step:
    """A level and what can be known of it beforehand. `lag`: it fires no sooner after the due time than this (working
    time passes no faster than the clock on the wall)."""

    level: EscalationLevel
    slots: tuple[str, ...]
    lag: timedelta


class EscalationPolicy:
    """A region's levels of one regime, prepared. Raises ValueError unless exactly one level, for all clocks, is the
    breach, and every number is there once."""

    def __init__(self, levels: Iterable[EscalationLevel]) -> None:
        self.levels = tuple(levels)
        if len({level.number for level in self.levels}) != len(self.levels):
            raise ValueError("every level has a number of its own")
        breaches = [level for level in self.levels if level.kind == "breach"]
        if len(breaches) != 1 or breaches[0].clocks:
            raise ValueError("exactly one level, for all clocks, is the breach")
        self.breach = breaches[0]
        steps = [_Step(level, _slots_of(level), _lag_of(level)) for level in self.levels]
        self._steps = sorted(steps, key=lambda step: (step.lag, step.level.number))
        self._by_clock: dict[ClockKind, list[_Step]] = {}
        self.reminders = frozenset(
            slot for step in steps if step.level.kind == "reminder" for slot in step.slots
        )

    def steps_of(self, clock: ClockKind) -> list[_Step]:
        """Those for a kind of clock, reminders first, then by the earliest time after the due time."""
        if clock not in self._by_clock:
            self._by_clock[clock] = [step for step in self._steps if step.level.is_for(clock)]
        return self._by_clock[clock]


def _slots_of(level: EscalationLevel) -> tuple[str, ...]:
    return tuple(f"{level.kind}:{level.number}:{repeat}" for repeat in range(1, level.times + 1))


def _lag_of(level: EscalationLevel) -> timedelta:
    if level.kind == "reminder":
        return timedelta.min  # any time before
    if level.after is None:
        return timedelta(0)
    shortened = _ZONE_CHANGE if level.after.in_days else timedelta(0)
    return level.after.wall_time - shortened


_NEAR_AND_LAST: Final[Mapping[Regime, tuple[int, int]]] = {"statutory": (2, 15), "message": (1, 20)}


def default_levels(regime: Regime) -> list[EscalationLevel]:
    """The policy a region starts with. No law and no published rule gives one, so it is ours: the
    nearer the deadline and the longer the silence, the higher it goes."""
    long: tuple[ClockKind, ...] = ("answer", "promise", "documents")
    near, last = (Term(days, "working_day") for days in _NEAR_AND_LAST[regime])
    day, week = Term(1, "working_day"), Term(5, "working_day")
    return [
        EscalationLevel(10, "reminder", "executor", share=0.5, clocks=("react",)),
        EscalationLevel(11, "reminder", "executor", share=0.7, clocks=long),
        EscalationLevel(12, "reminder", "head", before=near, clocks=long),
        EscalationLevel(13, "reminder", "coordinator", before=day, clocks=("register", "forward")),
        EscalationLevel(20, "breach", "executor"),
        EscalationLevel(30, "escalation", "head", after=Term(1, "working_hour"), clocks=("react",)),
        EscalationLevel(31, "escalation", "coordinator", after=Term(8, "working_hour"), clocks=("react",)),
        EscalationLevel(32, "escalation", "head", after=Term(2, "working_hour"), clocks=long),
        EscalationLevel(33, "escalation", "superior", after=Term(3, "working_day"), clocks=long),
        EscalationLevel(34, "escalation", "coordinator", after=week, every=week, times=4, clocks=long),
        EscalationLevel(35, "escalation", "federal", after=last, clocks=("answer",)),
        EscalationLevel(
            36, "escalation", "coordinator", after=Term(2, "working_hour"), clocks=("register", "forward")
        ),
    ]


_TERMS: Final = ("before", "after", "every")


def dump_level(level: EscalationLevel) -> dict[str, object]:
    """JSON of a row and of the API: terms as `dump_term` writes them, absent fields left out."""
    terms = ((name, getattr(level, name)) for name in _TERMS)
    return {
        "level": level.number,
        "kind": level.kind,
        "whom": level.recipient,
        "times": level.times,
        **({} if level.share is None else {"share": level.share}),
        **{name: dump_term(term) for name, term in terms if term is not None},
        **({"clocks": list(level.clocks)} if level.clocks else {}),
    }


def parse_level(data: Mapping[str, Any]) -> EscalationLevel:
    """Read `dump_level`'s shape. Raises ValueError saying what is wrong."""
    terms = {name: parse_term(data[name]) for name in _TERMS if data.get(name) is not None}
    clocks = tuple(cast(Sequence[ClockKind], data.get("clocks") or ()))
    try:
        share = None if data.get("share") is None else float(data["share"])
        number, times = int(data["level"]), int(data.get("times", 1))
        return EscalationLevel(number, data["kind"], data["whom"], share, times=times, clocks=clocks, **terms)
    except (KeyError, TypeError) as error:
        raise ValueError("an escalation level needs level, kind and whom") from error
