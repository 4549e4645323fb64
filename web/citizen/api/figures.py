"""What everybody may know of a region: its map and its figures."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from contracts.territories import REGIONS
from web.citizen.rules.pictures import draw_cells, draw_months, month_words
from web.citizen.views import CellMap, Figures, ListedForms
from web.platform.client import Platform
from web.resources import resources_of
from web.visits import Anybody, visit_of

router = APIRouter()


@router.get("/map")
async def show_map(
    request: Request, platform: Anybody, region: Annotated[str, Query(max_length=10)] = ""
) -> Response:
    """Map and figures of a region; a choice where none is named and several have a form."""
    visit_of(request)
    code = region if region in REGIONS else await _only_region(platform)
    names = sorted((each.name, key) for key, each in REGIONS.items())
    pages = resources_of(request).pages
    if not code:
        return pages.page(request, "citizen/map_choice.html", regions=names)
    figures, cells = await _read_map(platform, code)
    return pages.page(
        request,
        "citizen/map.html",
        region=code,
        region_name=REGIONS[code].name,
        regions=names,
        figures=figures,
        month=month_words(figures.start),
        bars=draw_months(figures.year.months),
        drawing=draw_cells(cells.features),
        minimum=cells.minimum,
    )


async def _only_region(platform: Platform) -> str:
    """Of the forms that are open; empty where they are of several regions, or none is."""
    regions = {form.region for form in (await platform.read(ListedForms, "/widget")).items}
    return next(iter(regions)) if len(regions) == 1 else ""


async def _read_map(platform: Platform, region: str) -> tuple[Figures, CellMap]:
    query = {"region": region}
    return await asyncio.gather(
        platform.read(Figures, "/public/summary", query), platform.read(CellMap, "/public/map", query)
    )
