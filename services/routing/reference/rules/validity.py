"""When a rule or a service area is in force: from a day to a day, and in a season of every year."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

_LEAP_YEAR: Final = date(2024, 1, 1)


def is_valid_on(day: date, valid_from: date | None, valid_to: date | None) -> bool:
    """`valid_from` inclusive, `valid_to` exclusive; None: without a limit."""
    return (valid_from is None or valid_from <= day) and (valid_to is None or day < valid_to)


def is_in_season(day: date, season_from: str | None, season_to: str | None) -> bool:
    """Both ends («MM-DD») belong to it; one that ends before it begins goes over New Year. None: the whole year.

    A season may end on 29 February: other years end it with the 28th.
    """
    if season_from is None or season_to is None:
        return True
    today = f"{day:%m-%d}"
    if season_from <= season_to:
        return season_from <= today <= season_to
    return today >= season_from or today <= season_to


@lru_cache(maxsize=1024)
def season_days(season_from: str | None, season_to: str | None) -> frozenset[str]:
    """The days («MM-DD») of a season, or of the whole year."""
    year = (_LEAP_YEAR + timedelta(days=number) for number in range(366))
    return frozenset(f"{day:%m-%d}" for day in year if is_in_season(day, season_from, season_to))
