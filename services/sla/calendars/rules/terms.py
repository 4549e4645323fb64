"""How long: a term is an amount of one unit, read from and written to the JSON of the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal, cast, get_args

from chassis.faults import Wording
from services.sla.calendars.rules.wording import plural

Unit = Literal["calendar_day", "working_day", "calendar_hour", "working_hour", "minute"]

# Ten years in each unit but minutes, which are for emergencies: a longer term is a typing error.
LIMITS: Final[Mapping[Unit, int]] = {
    "calendar_day": 3_660,
    "working_day": 2_500,
    "calendar_hour": 87_840,
    "working_hour": 20_000,
    "minute": 525_600,
}

_UNSAID: Final[Mapping[str, Unit]] = {"minutes": "minute"}  # all others have two readings
_FIELD: Final[Mapping[Unit, str]] = {
    "calendar_day": "days",
    "working_day": "days",
    "calendar_hour": "hours",
    "working_hour": "hours",
    "minute": "minutes",
}
# What passes on the wall's clock: office time and working days pass no faster.
_WALL_TIME: Final[Mapping[Unit, timedelta]] = {
    "calendar_day": timedelta(days=1),
    "working_day": timedelta(days=1),
    "calendar_hour": timedelta(hours=1),
    "working_hour": timedelta(hours=1),
    "minute": timedelta(minutes=1),
}
_WORDS: Final[Mapping[Unit, tuple[str, str, str]]] = {
    "calendar_day": ("календарный день", "календарных дня", "календарных дней"),
    "working_day": ("рабочий день", "рабочих дня", "рабочих дней"),
    "calendar_hour": ("час", "часа", "часов"),
    "working_hour": ("рабочий час", "рабочих часа", "рабочих часов"),
    "minute": ("минута", "минуты", "минут"),
}


@dataclass(frozen=True, slots=True)
class Term:
    """`amount` of `unit`, from 1 to the unit's limit; anything else raises ValueError.

    Days are local dates of the organisation; working hours are open minutes of its office; calendar hours and minutes
    pass by the wall clock, day and night.
    """

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.unit not in LIMITS:
            raise ValueError(Wording("unit must be one of {known}", {"known": ", ".join(get_args(Unit))}))
        if type(self.amount) is not int:
            raise ValueError("the amount of a term must be a whole number")
        if not 1 <= self.amount <= LIMITS[self.unit]:
            limit = {"unit": self.unit, "most": LIMITS[self.unit]}
            raise ValueError(Wording("a term in {unit} must be between 1 and {most}", limit))

    def __str__(self) -> str:
        return plural(self.amount, *_WORDS[self.unit])

    @property
    def in_days(self) -> bool:
        """Whether whole local dates are counted, so that the term ends with a day."""
        return self.unit in ("calendar_day", "working_day")

    @property
    def passes_by_the_clock(self) -> bool:
        """Whether it passes day and night and to the minute, so that it takes its `wall_time` and no longer."""
        return self.unit in ("calendar_hour", "minute")

    @property
    def wall_time(self) -> timedelta:
        """How long it takes at least; exactly so in calendar hours and minutes."""
        return self.amount * _WALL_TIME[self.unit]


def parse_term(data: object) -> Term:
    """Read `{"days": n, "unit": "calendar_day|working_day"}`, `{"hours": n, "unit":
    "calendar_hour|working_hour"}` or `{"minutes": n}`. Raises ValueError saying what is wrong."""
    if not isinstance(data, Mapping):
        raise ValueError("a term is an object with days, hours or minutes")
    named = [name for name in dict.fromkeys(_FIELD.values()) if data.get(name) is not None]
    if len(named) != 1:
        raise ValueError("a term has exactly one of days, hours, minutes")
    name = named[0]
    allowed = [known for known, field in _FIELD.items() if field == name]
    unit = data.get("unit") or _UNSAID.get(name)
    if unit not in allowed:
        known = {"name": name, "known": " or ".join(allowed)}
        raise ValueError(Wording("the unit of a term in {name} must be {known}", known))
    return Term(cast(int, data[name]), cast(Unit, unit))


def dump_term(term: Term) -> dict[str, int | str]:
    """The JSON shape `parse_term` reads."""
    if term.unit == "minute":
        return {"minutes": term.amount}
    return {_FIELD[term.unit]: term.amount, "unit": term.unit}
