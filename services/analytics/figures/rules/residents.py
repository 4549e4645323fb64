"""Whose residents a figure is measured by."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from contracts.territories import REGIONS
from services.analytics.store.rules.filters import Filter
from services.analytics.store.rules.sources import Dimension

PER = 10_000


class Residents(Protocol):
    """A municipality of a region, and how many live there."""

    @property
    def region(self) -> str: ...
    @property
    def municipality(self) -> str: ...
    @property
    def population(self) -> int | None: ...


def residents_by_key(
    places: Iterable[Residents], filters: Filter, dimension: Dimension | None
) -> Callable[[str | None], int | None]:
    """How many residents stand behind a group: those of the municipality or the region that it is, else of the territory
    that the filter means. None where a part of it is not known: a sum of some would pass for all."""
    known = [each for each in places if _lies_within(each, filters)]
    if dimension == "municipality":
        by_municipality = {each.municipality: each.population for each in known}
        return lambda key: by_municipality.get(key or "")
    if dimension == "region":
        return lambda key: _add_up([each for each in known if each.region == key])
    whole = _add_up(known) if _is_whole(known, filters) else None
    return lambda _: whole


def per_residents(count: float | None, residents: int | None) -> float | None:
    """Of ten thousand; None where nobody knows of how many."""
    return None if residents is None else (count or 0) * PER / residents


def _lies_within(place: Residents, filters: Filter) -> bool:
    prefixes = filters.scope.municipalities
    if filters.municipality is not None and place.municipality != filters.municipality:
        return False
    return prefixes is None or any(place.municipality.startswith(each) for each in prefixes)


def _is_whole(known: list[Residents], filters: Filter) -> bool:
    regions = frozenset(REGIONS if filters.regions is None else filters.regions)
    return regions == {each.region for each in known}


def _add_up(places: list[Residents]) -> int | None:
    populations = [each.population for each in places]
    known = [each for each in populations if each is not None]
    return sum(known) if known and len(known) == len(populations) else None
