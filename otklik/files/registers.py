"""Rows of any register as cases: when, what, perhaps where and by whom. Columns are named by who asks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from otklik.files.appeals import as_sent, is_empty
from otklik.files.errors import FileError, RowError
from otklik.files.moments import AmbiguousDate, DateOrder, read_moment
from otklik.files.rows import Row, plain_column, read_rows
from signals import Case


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
        named = {each.name: getattr(self, each.name) for each in fields(self)}
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
                continue
            self.incomplete += case is None
            if case is not None:
                yield case
        missing = [column for column in columns.values() if column not in seen]
        if missing:
            raise FileError(f"{path} has no column `{missing[0]}` (found: {', '.join(sorted(seen))}).")

    def _case_of(self, row: Row, columns: Mapping[str, str]) -> Case | None:
        """None for a row without a type."""
        if row.error:
            raise RowError(row.error)
        values = {name: row.values.get(column) for name, column in columns.items()}
        if is_empty(values["time"]):
            raise RowError(f"has no `{columns['time']}`")
        at = read_moment(as_sent(values["time"]), self.date_order).at
        if is_empty(values["type"]):
            return None
        source = _text(values.get("source"))
        lat, lon = _point(values.get("lat"), values.get("lon"))
        local = at if at.tzinfo is None else at.astimezone(self.zone).replace(tzinfo=None)
        is_official = self.official is not None and source == _text(self.official)
        return Case(local, _text(values["type"]), _text(values.get("place")), lat, lon, source, is_official)


def _text(value: Any) -> str:
    return "" if is_empty(value) else " ".join(as_sent(value).split())


def _point(lat: Any, lon: Any) -> tuple[float | None, float | None]:
    """Degrees; nothing for what is no point of the Earth, as 0, 0 and what programs write for nowhere."""
    north, east = _degrees(lat, 90), _degrees(lon, 180)
    if north is None or east is None or (north == 0 and east == 0):
        return None, None
    return north, east


def _degrees(value: Any, most: float) -> float | None:
    try:
        number = float(str(value).strip().replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) and abs(number) <= most else None
