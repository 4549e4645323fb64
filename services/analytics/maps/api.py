"""The heat map."""

from __future__ import annotations

import math
from typing import Annotated

from fastapi import Depends, Query

from chassis.problems import Unprocessable
from chassis.strict_routes import Router
from services.analytics.facts.rules.projections import FINEST_CELL
from services.analytics.figures.api import AskedFilter, AsOf, Store
from services.analytics.figures.rules.measures import MEASURES
from services.analytics.maps.queries import read_cells
from services.analytics.maps.rules import Box
from services.analytics.maps.schemas import Heatmap
from services.analytics.store.rules.cells import COARSEST, MINIMUM_APPEALS

router = Router(prefix="/api/v1/analytics", tags=["analytics"])


def read_box(
    bbox: Annotated[
        str | None, Query(max_length=200, description="west,south,east,north in degrees (WGS 84).")
    ] = None,
) -> Box | None:
    """The box of a map; 422 when it is none."""
    if bbox is None:
        return None
    try:
        west, south, east, north = (float(part) for part in bbox.split(","))
    except ValueError:
        raise Unprocessable("bbox is west,south,east,north.") from None
    finite = all(math.isfinite(value) for value in (west, south, east, north))
    if not finite or max(abs(west), abs(east)) > 180 or not -90 <= south <= north <= 90:
        raise Unprocessable("bbox is outside the globe or upside down.")
    return Box(west, south, east, north)


@router.get("/heatmap")
async def show_heatmap(
    filters: AskedFilter,
    as_of: AsOf,
    store: Store,
    box: Annotated[Box | None, Depends(read_box)],
    resolution: Annotated[int, Query(ge=COARSEST, le=FINEST_CELL, description="Of H3.")] = 8,
) -> Heatmap:
    """GeoJSON of H3 cells by number of appeals; cells whose centre lies in the box."""
    return Heatmap(
        features=await read_cells(store, filters, resolution, box),
        resolution=resolution,
        minimum=MINIMUM_APPEALS,
        as_of=as_of,
        definition={"received": MEASURES["received"].definition},
    )
