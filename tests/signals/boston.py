"""A quarter of a real city's requests, and the places in it where outbreaks can be planted."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import holidays as calendars

from otklik.files.registers import Columns, RegisterReader
from signals import Case, Problem

FILE: Final = "boston311_2011q4.csv.gz"
COLUMNS: Final = Columns("open_dt", "type", "neighborhood", "latitude", "longitude", "source")
HOLIDAYS: Final = frozenset(calendars.country_holidays("US", subdiv="MA", years=[2011, 2012]))
# Rows a day that an outbreak adds: at least so many, and so many times the series' mean.
SIZES: Final = {"small": (3, 0.5), "middle": (5, 1.0), "large": (9, 3.0)}
LEAST_ROWS: Final = 60
QUIET_START: Final = 28  # days before the first outbreak


@dataclass(frozen=True, slots=True)
class Outbreak:
    """So many rows more a day, in one type and place."""

    type: str
    place: str
    begins: date
    days: int
    rows: int

    def found(self, problems: list[Problem]) -> int | None:
        """Days from its beginning to the first burst of its type and place while it lasts; None where there is none."""
        last = self.begins + timedelta(days=self.days - 1)
        on = [
            each.detected_on
            for each in problems
            if (each.kind, each.type, each.place) == ("burst", self.type, self.place)
        ]
        in_time = [day for day in on if self.begins <= day <= last]
        return (min(in_time) - self.begins).days if in_time else None


def read_quarter(folder: Path) -> list[Case]:
    """All rows; employees' entries are official."""
    reader = RegisterReader(COLUMNS, ZoneInfo("America/New_York"), "Employee Generated")
    return [row for row in reader.read(folder / FILE) if isinstance(row, Case)]


def plant(
    rows: list[Case], size: str, number: int, chance: random.Random
) -> tuple[list[Case], list[Outbreak]]:
    """The rows with outbreaks among them, each in a series of its own: at any hour, where the series has its rows."""
    alike = defaultdict(list)
    for row in rows:
        if row.place:
            alike[row.type, row.place].append(row)
    eligible = sorted(series for series, own in alike.items() if len(own) >= LEAST_ROWS)
    days = (max(row.at for row in rows).date() - min(row.at for row in rows).date()).days + 1
    first = min(row.at for row in rows).date()
    added, outbreaks = [], []
    for series in chance.sample(eligible, number):
        least, times = SIZES[size]
        lasts = chance.randint(1, 7)
        begins = first + timedelta(days=chance.randint(QUIET_START, days - lasts))
        each_day = round(max(least, times * len(alike[series]) / days))
        outbreaks.append(Outbreak(*series, begins, lasts, each_day))
        added += [
            _row_like(chance.choice(alike[series]), begins + timedelta(days=day), chance)
            for day in range(lasts)
            for _ in range(each_day)
        ]
    return rows + added, outbreaks


def _row_like(row: Case, day: date, chance: random.Random) -> Case:
    at = row.at.replace(
        year=day.year, month=day.month, day=day.day, hour=chance.randint(7, 22), minute=chance.randint(0, 59)
    )
    return replace(row, at=at.replace(second=chance.randint(0, 59)), official=False)


def kinds_of(problems: list[Problem]) -> Counter[str]:
    """How many problems there are of each kind."""
    return Counter(each.kind for each in problems)
