"""What is public: a region's figures and its map. Nothing here depends on who asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Annotated

from fastapi import Header, Query, Request
from fastapi.responses import Response

from chassis.db import open_region
from chassis.problems import Unprocessable
from chassis.resources import resources_in
from chassis.strict_routes import Router
from contracts.territories import REGIONS
from services.analytics.figures.queries import find_names
from services.analytics.maps.queries import feature_of
from services.analytics.public.actions import publish_year
from services.analytics.public.queries import Release, everything_of
from services.analytics.public.rules.cells import COARSEST, FINEST
from services.analytics.public.rules.definitions import DEFINITIONS, MAP_DEFINITION
from services.analytics.public.rules.figures import PartFigures
from services.analytics.public.rules.months import month_after
from services.analytics.public.rules.suppression import SMALLEST
from services.analytics.public.schemas import (
    PublicMap,
    PublicMonth,
    PublicPart,
    PublicSum,
    PublicSummary,
    PublicYear,
)
from services.analytics.resources import PUBLIC_SECONDS, AnalyticsResources
from services.analytics.store.queries.stores import FactStore
from services.analytics.store.rules.sources import Dimension

router = Router(prefix="/api/v1/public", tags=["public"])
RegionCode = Annotated[str, Query(pattern=r"^[0-9]{2}$")]
KnownTag = Annotated[
    str, Header(alias="If-None-Match", max_length=2000, description="`ETag` of what is had already.")
]
Parts = dict[str | None, str]


@router.get("/summary", response_model=PublicSummary)
async def show_public_summary(request: Request, region: RegionCode, if_none_match: KnownTag = "") -> Response:
    """A region's last whole month and its year: in all, by groups of topics and by municipalities. Few appeals are never shown."""
    require_known_region(region)
    resources = resources_in(request.app, AnalyticsResources)

    async def make() -> bytes:
        return (await _summarise(resources, region)).model_dump_json().encode()

    kept = await resources.published.find(("summary", region), make)
    return kept.answer(if_none_match, PUBLIC_SECONDS)


@router.get("/map", response_model=PublicMap)
async def show_public_map(
    request: Request,
    region: RegionCode,
    resolution: Annotated[int, Query(ge=COARSEST, le=FINEST, description="Of H3.")] = 7,
    if_none_match: KnownTag = "",
) -> Response:
    """GeoJSON of H3 cells by number of appeals in the year's whole months. Few appeals are never shown."""
    require_known_region(region)
    resources = resources_in(request.app, AnalyticsResources)

    async def make() -> bytes:
        return (await _draw(resources, region, resolution)).model_dump_json().encode()

    kept = await resources.published.find(("map", region, resolution), make)
    return kept.answer(if_none_match, PUBLIC_SECONDS)


def require_known_region(region: str) -> None:
    """422 for one that does not exist."""
    if region not in REGIONS:
        raise Unprocessable("There is no such region.")


async def _summarise(resources: AnalyticsResources, region: str) -> PublicSummary:
    releases = await publish_year(resources, region)
    newest = releases[-1]
    groups = await _names(
        resources, region, "group", _keys(part for each in releases for part in each.figures.groups)
    )
    municipalities = await _names(
        resources,
        region,
        "municipality",
        _keys(part for each in releases for part in each.figures.municipalities),
    )
    received = [each.figures.received for each in releases if each.figures.received is not None]
    return PublicSummary(
        **newest.figures.model_dump(exclude={"groups", "municipalities"}),
        region=region,
        start=newest.month,
        end=month_after(newest.month),
        groups=_named(newest.figures.groups, groups),
        municipalities=_named(newest.figures.municipalities, municipalities),
        year=PublicYear(
            start=releases[0].month,
            end=month_after(newest.month),
            received=sum(received) if received else None,
            groups=_added([each.figures.groups for each in releases], groups),
            municipalities=_added([each.figures.municipalities for each in releases], municipalities),
            months=[_month_of(each) for each in releases],
        ),
        as_of=newest.as_of,
        definition=DEFINITIONS,
    )


async def _draw(resources: AnalyticsResources, region: str, resolution: int) -> PublicMap:
    releases = await publish_year(resources, region)
    cells: Counter[int] = Counter()
    for each in releases:
        cells.update(each.cells.get(resolution, {}))
    return PublicMap(
        region=region,
        start=releases[0].month,
        end=month_after(releases[-1].month),
        features=[
            feature_of(cell, received)
            for cell, received in sorted(cells.items(), key=lambda item: (-item[1], item[0]))
        ],
        resolution=resolution,
        minimum=SMALLEST,
        as_of=releases[-1].as_of,
        definition={"received": MAP_DEFINITION},
    )


def _keys(parts: Iterable[PartFigures]) -> list[str | None]:
    return list(dict.fromkeys(part.key for part in parts))


async def _names(
    resources: AnalyticsResources, region: str, dimension: Dimension, keys: list[str | None]
) -> Parts:
    async with resources.reading_sessions() as session:
        await open_region(session, region)
        return dict(await find_names(FactStore(session), dimension, keys, everything_of(region)))


def _named(parts: Iterable[PartFigures], names: Parts) -> list[PublicPart]:
    return [PublicPart(**part.model_dump(), name=names[part.key]) for part in parts]


def _added(tables: Iterable[Iterable[PartFigures]], names: Parts) -> list[PublicSum]:
    """Sums of what is shown: so they tell nothing that the months do not."""
    sums: Counter[str | None] = Counter()
    for parts in tables:
        for part in parts:
            sums[part.key] += part.received
    ordered = sorted(sums.items(), key=lambda item: (-item[1], item[0] or ""))
    return [PublicSum(key=key, name=names[key], received=received) for key, received in ordered]


def _month_of(release: Release) -> PublicMonth:
    return PublicMonth(
        **release.figures.model_dump(exclude={"groups", "municipalities"}),
        start=release.month,
        end=month_after(release.month),
    )
