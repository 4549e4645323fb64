"""When people write: seasons, weeks, hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from otklik.demo_data.story import Theme, Volume

ZONE: Final = ZoneInfo("Europe/Moscow")  # of the demo region
DAYS_OF_A_MONTH: Final = 30.4
_MID_MONTH: Final = 15
_OFFICE: Final = (9, 18)
_SATURDAY: Final = 5


def season_on(weights: Sequence[float], day: date) -> float:
    """A season's weight on a day: that of the middle of each month, evenly changing in between."""
    from_middle = (day.day - _MID_MONTH) / DAYS_OF_A_MONTH
    month, share = (day.month - 1, from_middle) if from_middle >= 0 else (day.month - 2, 1 + from_middle)
    return weights[month % 12] * (1 - share) + weights[(month + 1) % 12] * share


def theme_weights(volume: Volume, themes: Sequence[Theme], day: date) -> list[float]:
    """How much each theme is written about on a day."""
    return [theme.weight * season_on(volume.seasons[theme.season], day) for theme in themes]


def expected_share(volume: Volume, themes: Sequence[Theme], day: date) -> float:
    """Appeals to be expected on a day beside an even one, without bursts."""
    even = sum(theme.weight for theme in themes)
    season = sum(theme_weights(volume, themes, day)) / even
    return volume.week[day.weekday()] * season


def draw_count(random: Random, expected: float) -> int:
    """A count with about the spread of a Poisson count of that mean."""
    return max(0, round(random.gauss(expected, expected**0.5)))


def draw_moment(random: Random, volume: Volume, day: date) -> datetime:
    """When on a day somebody writes."""
    (hour,) = random.choices(range(24), volume.hours)
    return datetime.combine(day, time(hour, random.randrange(60), random.randrange(60)), ZONE)


def end_of(day: date) -> datetime:
    """The last second of a day: until then an answer is in time."""
    return datetime.combine(day, time(23, 59, 59), ZONE)


def in_office(random: Random, at: datetime) -> datetime:
    """The same moment, or where nobody works then, some moment of the next working day's office hours (Mon–Fri 9–18)."""
    first, last = _OFFICE
    if at.weekday() < _SATURDAY and first <= at.hour < last:
        return at
    day = at.date() + timedelta(days=at.hour >= first or at.weekday() >= _SATURDAY)
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    return datetime.combine(day, time(random.randrange(first, last), random.randrange(60)), ZONE)
