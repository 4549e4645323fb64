"""Rows as they come, week by week, put together as the columns that statistics are made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import h3.api.basic_int as h3
import numpy as np

from services.analytics.statistics.rules.messages import CountedRows
from signals import Cases
from signals.arrays import Floats, Ints
from signals.points import EARTH, NEVER, Points

DAY_SECONDS: Final = 86_400
# Citizens' letters and visits are entered by officials, many in one go: data entry, not trouble.
ENTERED_BY_OFFICIALS: Final = frozenset({"paper", "reception"})
# A cell with so many appeals of so many topics, and so many times more than those around it, is where a form or a geocoder
# puts whoever said no place.
DEFAULT_ROWS, DEFAULT_TOPICS, DEFAULT_TIMES = 20, 8, 10.0
NEIGHBOUR_ROWS: Final = 2.0  # what the cells around have at least


@dataclass(frozen=True, slots=True)
class Register:
    """The rows of a region and where they are, as far as cells say."""

    cases: Cases
    points: Points


class _Numbers:
    """Names by number, in the order they come."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def of(self, names: list[str]) -> Ints:
        numbers = self._numbers
        return np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.int64)

    def sorted(self, numbers: Ints) -> tuple[tuple[str, ...], Ints]:
        """All names but "" in alphabetical order, and each row's place among them; -1 for ""."""
        names = sorted(name for name in self._numbers if name)
        places = {name: place for place, name in enumerate(names)}
        table = np.array([places.get(name, -1) for name in self._numbers], dtype=np.int64)
        return tuple(names), table[numbers]


def register_of(parts: Iterable[CountedRows], end: date | None = None) -> Register | None:
    """One register of rows in any order; None where there are none. `end`: the day before which all days are known whole, those
    without a row as well."""
    topics, municipalities, channels = _Numbers(), _Numbers(), _Numbers()
    columns: list[list[Ints]] = [[], [], [], [], []]
    for part in parts:
        read = (
            np.array(part.second, dtype=np.int64),
            topics.of(part.topic),
            municipalities.of(part.municipality),
            np.array(part.cell, dtype=np.int64),
            channels.of(part.channel),
        )
        for column, values in zip(columns, read, strict=True):
            column.append(values)
    if not any(len(values) for values in columns[0]):
        return None
    second, topic, municipality, cell, channel = (np.concatenate(column) for column in columns)
    order = np.argsort(second, kind="stable")
    second, cell = second[order], cell[order]
    types, type_of = topics.sorted(topic[order])
    places, place_of = municipalities.sorted(municipality[order])
    sources, source_of = channels.sorted(channel[order])
    first = int(second[0]) // DAY_SECONDS
    lat, lon = _middles(cell)
    cases = Cases(
        first_day=_date_of(first),
        day=second // DAY_SECONDS - first,
        second=(second % DAY_SECONDS).astype(np.float64),
        type=type_of,
        place=place_of,
        lat=lat,
        lon=lon,
        source=source_of,
        official=np.isin(source_of, [at for at, name in enumerate(sources) if name in ENTERED_BY_OFFICIALS]),
        types=types,
        places=places,
        known_days=0 if end is None else (end - _date_of(first)).days,
    )
    return Register(cases, _points_of(cases, cell))


def _date_of(day: int) -> date:
    return datetime.fromtimestamp(day * DAY_SECONDS, UTC).date()


def _middles(cells: Ints) -> tuple[Floats, Floats]:
    """Degrees of the middle of each row's cell; nan where there is none."""
    known, which = np.unique(cells, return_inverse=True)
    middles = np.array([h3.cell_to_latlng(int(each)) if each else (np.nan, np.nan) for each in known])
    return middles[which.ravel(), 0], middles[which.ravel(), 1]


def _points_of(cases: Cases, cells: Ints) -> Points:
    """Metres east and north; a default cell is no place on any day."""
    known = ~np.isnan(cases.lat)
    first = np.radians(cases.lat[known][0]) if known.any() else 0.0
    return Points(
        EARTH * np.cos(first) * np.radians(cases.lon),
        EARTH * np.radians(cases.lat),
        np.where(np.isin(cells, default_cells(cells, cases.type)), 0, NEVER),
    )


def default_cells(cells: Ints, topics: Ints) -> list[int]:
    """Cells that stand for "nowhere". `cells`: of each row, 0 where it has none."""
    known, counts = np.unique(cells, return_counts=True)
    rows = dict(zip(known.tolist(), counts.tolist(), strict=True))
    suspects = [cell for cell, count in rows.items() if cell and count >= DEFAULT_ROWS]
    return [
        cell
        for cell in suspects
        if rows[cell] >= DEFAULT_TIMES * _rows_around(cell, rows)
        and len(np.unique(topics[cells == cell])) >= DEFAULT_TOPICS
    ]


def _rows_around(cell: int, rows: dict[int, int]) -> float:
    """How many a neighbour of a cell has, on average."""
    around = [each for each in h3.grid_disk(cell, 1) if each != cell]
    mean = sum(rows.get(int(each), 0) for each in around) / len(around)
    return max(mean, NEIGHBOUR_ROWS)
