"""Rows of a register as columns: what statistics are made from. No texts, no persons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np

from signals.arrays import Flags, Floats, Ints

NOWHERE: Final = -1
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Case:
    """One row. `at` is local time; `place` and `source` are "" and the point None where they are not known."""

    at: datetime
    type: str
    place: str = ""
    lat: float | None = None
    lon: float | None = None
    source: str = ""
    official: bool = False


@dataclass(frozen=True, slots=True)
class Cases:
    """Rows in order of time, one array per column.

    `day`: 0 is `first_day`. `second`: of the day. `type`, `place`, `source`: places in the lists of names (`place` is
    NOWHERE where it is not known). `lat`, `lon`: degrees, nan where not known. `known_days`: so many are known, if that is more than
    there are up to the last row.
    """

    first_day: date
    day: Ints
    second: Floats
    type: Ints
    place: Ints
    lat: Floats
    lon: Floats
    source: Ints
    official: Flags
    types: tuple[str, ...]
    places: tuple[str, ...]
    known_days: int = 0

    @property
    def days(self) -> int:
        """From the first to the last, both included: a day without rows is a day."""
        return max(int(self.day[-1]) + 1, self.known_days)

    def date_of(self, day: int) -> date:
        """Which date a day is."""
        return self.first_day + day * _DAY


def cases_of(rows: Iterable[Case]) -> Cases:
    """Columns of rows in any order. ValueError when there are none."""
    ordered = sorted(rows, key=lambda row: row.at)
    if not ordered:
        raise ValueError("there are no rows")
    first = ordered[0].at.date()
    types, type_of = _numbered([row.type for row in ordered])
    places, place_of = _numbered([row.place for row in ordered])
    _, source_of = _numbered([row.source for row in ordered])
    return Cases(
        first_day=first,
        day=np.array([(row.at.date() - first).days for row in ordered], dtype=np.int64),
        second=np.array([_second_of(row.at) for row in ordered]),
        type=type_of,
        place=place_of,
        lat=_numbers([row.lat for row in ordered]),
        lon=_numbers([row.lon for row in ordered]),
        source=source_of,
        official=np.array([row.official for row in ordered], dtype=np.bool_),
        types=types,
        places=places,
    )


def _second_of(at: datetime) -> float:
    return at.hour * 3600.0 + at.minute * 60.0 + at.second + at.microsecond / 1e6


def _numbered(values: list[str]) -> tuple[tuple[str, ...], Ints]:
    """The names that occur, in alphabetical order, and which one each row has; NOWHERE for ""."""
    names = tuple(sorted(set(values) - {""}))
    number = {name: at for at, name in enumerate(names)}
    return names, np.array([number.get(value, NOWHERE) for value in values], dtype=np.int64)


def _numbers(values: list[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
