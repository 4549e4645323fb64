"""What the room asks the platform: whose screen it is, and the parts of a screen together."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import Final

from chassis.moments import utc_now
from contracts.territories import REGIONS
from web.errors import NoSuchPage
from web.persons import Person
from web.platform.client import Platform, Query
from web.room.rules import Subject
from web.room.views.appeals import CountedPage
from web.room.views.figures import Breakdown, Heatmap, Settlements
from web.room.views.problems import Problems
from web.room.views.situation import Situation
from web.words import local

_RESOLUTION: Final = 6  # of H3: some 36 km², a town is a dozen cells
_NEAR: Final = 7
_MOST_PROBLEMS: Final = 12
_NAMED: Final = 200  # settlements that places on a map are named after


@dataclass(frozen=True, slots=True)
class Screen:
    """A region, or a part of it: the situation with its parts by `parts_by`, and the map."""

    subject: Subject
    situation: Situation
    parts_by: str
    heatmap: Heatmap
    settlements: Settlements


def today_of(region: str) -> date:
    """The region's day."""
    return local(utc_now(), region).date()


def region_for(person: Person, asked: str) -> str:
    """The region of a screen: the one asked for, else the person's own; empty: the person sees the country. 404 for one that is not
    the person's."""
    if not asked:
        return person.region or ("" if "*" in person.regions else person.regions[0])
    if asked not in REGIONS or not ("*" in person.regions or asked in person.regions):
        raise NoSuchPage
    return asked


async def ask_screen(platform: Platform, subject: Subject) -> Screen:
    """All of a screen at once: a region by municipalities, a municipality by organisations, an organisation by topics."""
    filters = subject.filters(today_of(subject.region))
    by = "topic" if subject.organisation else "organisation" if subject.municipality else "municipality"
    resolution = _NEAR if subject.municipality else _RESOLUTION
    places: Query = {"region": subject.region, "municipality": subject.municipality[:8], "limit": _NAMED}
    situation, heatmap, settlements = await asyncio.gather(
        platform.read(Situation, "/analytics/situation", {**filters, "by": by}),
        platform.read(Heatmap, "/analytics/heatmap", {**filters, "resolution": resolution}),
        platform.read(Settlements, "/settlements", places),
    )
    return Screen(subject, situation, by, heatmap, settlements)


@dataclass(frozen=True, slots=True)
class Country:
    """All subjects by one measure, and the problems that wait for a decision anywhere."""

    regions: Breakdown
    problems: Problems


async def ask_country(platform: Platform, metric: str, days: int) -> Country:
    """Both at once."""
    period = Subject("", days=days).filters(today_of(""))
    regions, problems = await asyncio.gather(
        platform.read(Breakdown, "/analytics/breakdown", {**period, "metric": metric, "by": "region"}),
        platform.read(
            Problems, "/analytics/problems", {"state": "new", "quiet": False, "limit": _MOST_PROBLEMS}
        ),
    )
    return Country(regions, problems)


async def ask_appeals(
    platform: Platform, subject: Subject, metric: str, cell: str, cursor: str
) -> CountedPage:
    """The appeals behind a figure, or behind a cell of the map."""
    filters = subject.filters(today_of(subject.region))
    query: Query = {**filters, "metric": metric, "cell": cell, "limit": 50, "cursor": cursor}
    return await platform.read(CountedPage, "/analytics/appeals", query)
