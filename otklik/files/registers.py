"""Rows of any register as cases: when, what, perhaps where and by whom. Columns are named by who asks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from otklik.files.appeals import as_sent, is_empty
from otklik.files.errors import FileError, RowError
from otklik.files.headings import plain_column
from otklik.files.moments import AmbiguousDate, DateOrder, read_moment
from otklik.files.rows import Row, read_rows
from signals import Case

FIELDS = ("time", "type", "place", "lat", "lon", "source")


@dataclass(frozen=True)
class Columns:
    """The columns that hold a case, by their names in the file; None for what is not to be read."""

    time: str
    type: str
    place: str | None = None
    lat: str | None = None
    lon: str | None = None
    source: str | None = None

    @property
    def wanted(self) -> Mapping[str, str]:
        """Field → name, in the form that rows have it."""
        named = {name: getattr(self, name) for name in FIELDS}
        return {name: plain_column(column) for name, column in named.items() if column is not None}


@dataclass
class RegisterReader:
    """Reads cases; times without an offset are local, others are brought to `zone`.

    `official`: the value of the source column that officials' own entries have. `incomplete`: rows without a type,
    which are left out.
    """

    columns: Columns
    zone: ZoneInfo
    official: str | None = None
    date_order: DateOrder | None = None
    incomplete: int = 0

    def read(self, path: Path) -> Iterator[Case | tuple[int, str]]:
        """Every row's case, or its number and what is wrong with it. FileError for a fault of the file, as for a column
        that it does not have."""
        columns, seen = self.columns.wanted, set[str]()
        for row in read_rows(path, columns["time"]):
            seen.update(row.values)
            try:
                case = self._case_of(row, columns)
            except AmbiguousDate as error:
                raise FileError(f"Row {row.number}: {error}") from None
            except RowError as error:
                yield row.number, str(error)
            else:
                yield from case
        missing = [column for column in columns.values() if column not in seen]
        if missing:
            raise FileError(f"{path} has no column `{missing[0]}` (found: {', '.join(sorted(seen))}).")

    def _case_of(self, row: Row, columns: Mapping[str, str]) -> tuple[Case, ...]:
        """Nothing for a row without a type."""
        if row.error:
            raise RowError(row.error)
        values = {name: _text(row.values.get(columns.get(name, ""))) for name in FIELDS}
        if not values["time"]:
            raise RowError(f"has no `{columns['time']}`")
        at = read_moment(values["time"], self.date_order).within(self.zone).astimezone(self.zone)
        if not values["type"]:
            self.incomplete += 1
            return ()
        lat, lon = _point(values["lat"], values["lon"])
        official = self.official is not None and values["source"] == _text(self.official)
        local = at.replace(tzinfo=None)
        return (Case(local, values["type"], values["place"], lat, lon, values["source"], official),)


def _text(value: Any) -> str:
    return "" if is_empty(value) else " ".join(as_sent(value).split())


def _point(lat: str, lon: str) -> tuple[float | None, float | None]:
    """Degrees; nothing for what is no point of the Earth, and for 0, 0, which programs write for nowhere."""
    north, east = _number(lat), _number(lon)
    known = abs(north) <= 90 and abs(east) <= 180 and (north, east) != (0, 0)
    return (north, east) if known else (None, None)


def _number(text: str) -> float:
    """Not a number for what is none."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return math.nan
