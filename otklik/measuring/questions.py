"""The questions that are measured: drawn by a seed before anything is timed, the same for every store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Literal
from uuid import UUID

from infra.national.shape import (
    DAYS,
    ORGANISATIONS,
    TOPICS,
    TOPICS_OF_A_GROUP,
    centres_of,
    municipality_code,
    organisation_id,
    region_codes,
)
from services.analytics.comparison.queries import read_ranking
from services.analytics.comparison.schemas import RankedBy
from services.analytics.figures.queries import read_breakdown, read_figures, read_series
from services.analytics.figures.queries.lines import SeriesQuery
from services.analytics.figures.rules.measures import MEASURES
from services.analytics.maps.queries import read_cells
from services.analytics.store.queries.stores import FigureStore
from services.analytics.store.rules.filters import EVERYTHING, Filter
from services.analytics.store.rules.periods import Grain, Period
from services.analytics.store.rules.sources import Dimension

Kind = Literal["summary", "timeseries", "breakdown", "ranking", "heatmap"]
_KINDS: tuple[Kind, ...] = ("summary", "timeseries", "breakdown", "ranking", "heatmap")
_WEIGHTS = (30, 20, 25, 10, 15)
_CHANNELS = ("portal", "pos", "vk", "widget", "telegram", "phone", "email")
_METRICS = ("received", "backlog", "in_time_share", "median_hours_to_answer", "satisfaction")
_RANKED = ("in_time_share", "breached", "median_hours_to_answer", "satisfaction")
_RANKED_BY: tuple[RankedBy, ...] = ("organisation", "municipality")
_GRAINS: tuple[Grain, ...] = ("day", "week", "month")
_NATIONAL_BY: tuple[Dimension, ...] = ("topic", "group", "region", "channel")
_REGIONAL_BY: tuple[Dimension, ...] = ("topic", "group", "municipality", "organisation", "channel")


@dataclass(frozen=True)
class Asked:
    """A question as a person asks it over HTTP: which figures, of what."""

    kind: Kind
    filters: Filter
    metric: str = "received"
    grain: Grain = "day"
    by: Dimension = "topic"
    ranked: str = "in_time_share"
    ranked_by: RankedBy = "organisation"
    resolution: int = 5

    @property
    def path(self) -> str:
        """Of the API."""
        return f"/api/v1/analytics/{self.kind}"

    def parameters(self) -> Mapping[str, str]:
        """Of its query."""
        asked, period = self.filters, self.filters.period
        given = {
            "region": asked.region,
            "municipality": asked.municipality,
            "organisation": asked.organisation,
            "topic": asked.topic,
            "group": asked.group,
            "channel": asked.channel,
            "from": period.start,
            "to": period.end,
        }
        own: dict[Kind, dict[str, object]] = {
            "summary": {},
            "timeseries": {"metric": self.metric, "grain": self.grain},
            "breakdown": {"metric": self.metric, "by": self.by},
            "ranking": {"metric": self.ranked, "by": self.ranked_by},
            "heatmap": {"resolution": self.resolution},
        }
        return {name: str(each) for name, each in (given | own[self.kind]).items() if each is not None}

    async def of(self, store: FigureStore) -> None:
        """The same asked of a store itself; what comes back is not looked at."""
        measure = MEASURES[self.metric]
        if self.kind == "summary":
            await read_figures(store, self.filters)
        elif self.kind == "timeseries":
            await read_series(store, self.filters, SeriesQuery(measure, self.grain, None))
        elif self.kind == "breakdown":
            await read_breakdown(store, self.filters, measure, self.by)
        elif self.kind == "ranking":
            await read_ranking(store, self.filters, MEASURES[self.ranked], self.ranked_by, 0)
        else:
            await read_cells(store, self.filters, self.resolution, None)


def draw(count: int, seed: int, last_day: date, *, national: bool) -> list[Asked]:
    """Questions with one, two or three filters; regional ones have the region beside them."""
    random = Random(f"{seed} {national}")
    return [_draw_one(random, last_day, national=national) for _ in range(count)]


def _draw_one(random: Random, last_day: date, *, national: bool) -> Asked:
    place = min(int(random.paretovariate(0.6)) - 1, len(region_codes()) - 1)
    region = None if national else region_codes()[place]
    names = ["topic", "group", "channel", "period"]
    if region is not None:
        names += ["municipality", "organisation"]
    chosen = random.sample(names, random.randint(1, 3))
    topic = min(int(random.paretovariate(0.7)) - 1, TOPICS - 1)
    return Asked(
        kind=random.choices(_KINDS, _WEIGHTS)[0],
        filters=Filter(
            region,
            EVERYTHING,
            _draw_period(random, last_day) if "period" in chosen else Period(),
            municipality=_draw_centre(random, place) if "municipality" in chosen else None,
            organisation=_draw_organisation(random, place) if "organisation" in chosen else None,
            topic=f"t{topic:03}" if "topic" in chosen else None,
            # A topic of another group would find nothing, at once.
            group=f"g{topic // TOPICS_OF_A_GROUP:02}" if "group" in chosen else None,
            channel=random.choice(_CHANNELS) if "channel" in chosen else None,
        ),
        metric=random.choice(_METRICS),
        grain=random.choice(_GRAINS),
        by=random.choice(_NATIONAL_BY if national else _REGIONAL_BY),
        ranked=random.choice(_RANKED),
        ranked_by=random.choice(_RANKED_BY),
        resolution=4 if national else 6,
    )


def _draw_period(random: Random, last_day: date) -> Period:
    length = random.choice((7, 30, 90, 365))
    start = last_day - timedelta(days=random.randrange(length, DAYS))
    return Period(start, start + timedelta(days=length))


def _draw_centre(random: Random, place: int) -> str:
    return municipality_code(region_codes()[place], random.randrange(centres_of(place)))


def _draw_organisation(random: Random, place: int) -> UUID:
    return organisation_id(region_codes()[place], random.randrange(ORGANISATIONS))
