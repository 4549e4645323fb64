"""How many appeals came when and where: skewed regions, weeks, seasons, and bursts of one topic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from uuid import UUID

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import NDArray

from contracts.extents import BOXES
from contracts.territories import REGIONS

DAYS = 730
TOPICS = 160
TOPICS_OF_A_GROUP = 8
CENTRES = 530  # municipalities
ORGANISATIONS = 40  # of a region
CELLS_OF_A_CENTRE = 217
FINEST = 9
_REGION_SKEW = 0.8
_WEEK = (1.2, 1.15, 1.1, 1.05, 1.0, 0.55, 0.45)
_BURSTS_A_YEAR = 6
_NOISE = 0.25
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Days:
    """One entry per region and day that had an appeal: how many, the number of the first, the topic of a burst or -1."""

    region: Integers  # place in `region_codes`
    day: Integers  # since `first_day`
    first: Integers
    count: Integers
    burst: Integers
    first_day: date


def region_codes() -> tuple[str, ...]:
    """All regions, in the order of their codes."""
    return tuple(sorted(REGIONS))


def days_of(appeals: int, seed: int, last_day: date) -> Days:
    """Exactly `appeals` of them over the two years that end with `last_day`."""
    random = np.random.default_rng(seed)
    codes = region_codes()
    first_day = last_day - timedelta(days=DAYS - 1)
    sizes = 1 / np.arange(1, len(codes) + 1) ** _REGION_SKEW
    days = np.arange(DAYS)
    week = np.array(_WEEK)[(days + first_day.weekday()) % 7]
    season = 1 + 0.15 * np.cos(2 * np.pi * (days - 20) / 365)
    expected = np.outer(random.permutation(sizes), week * season * np.linspace(0.9, 1.1, DAYS))
    expected *= random.lognormal(0, _NOISE, expected.shape)
    bursts = np.full(expected.shape, -1)
    for place in range(len(codes)):
        for _ in range(_BURSTS_A_YEAR * DAYS // 365):
            start, length = random.integers(DAYS), random.integers(1, 4)
            expected[place, start : start + length] *= random.uniform(3, 8)
            bursts[place, start : start + length] = random.integers(TOPICS)
    counts = random.multinomial(appeals, (expected / expected.sum()).ravel())
    firsts = np.cumsum(counts) - counts
    there = np.flatnonzero(counts)
    region, day = np.unravel_index(there, expected.shape)
    return Days(
        region.astype(np.int64),
        day.astype(np.int64),
        firsts[there],
        counts[there],
        bursts.ravel()[there].astype(np.int64),
        first_day,
    )


def centres_of(place: int) -> int:
    """How many municipalities a region has: they share all of them as evenly as goes."""
    every, more = divmod(CENTRES, len(region_codes()))
    return every + (place < more)


def municipality_code(region: str, number: int) -> str:
    """Eight digits, as ОКТМО has."""
    return f"{region}{600 + number:03}000"


def organisation_id(region: str, number: int) -> UUID:
    """The same for a region and a number."""
    return UUID(int=(int(region) << 64) + number + (8 << 60) + (7 << 76))


@cache
def cells_of(place: int, number: int) -> tuple[int, ...]:
    """H3 cells around a municipality's centre, the centre first."""
    box = BOXES[region_codes()[place]]
    random = np.random.default_rng(place * 1000 + number)
    lat = random.uniform(box.south, box.north)
    lon = random.uniform(box.west, box.east if box.west <= box.east else 180)
    return tuple(h3.grid_disk(h3.latlng_to_cell(lat, lon, FINEST), 8))[:CELLS_OF_A_CENTRE]
