"""What the days to come are expected to bring."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from chassis.db import Reading
from chassis.moments import utc_now
from chassis.principals import Principal
from chassis.problems import Unprocessable
from chassis.security import allowed
from chassis.strict_routes import Router
from contracts.territories import REGIONS
from services.analytics.figures.api import scope_of
from services.analytics.figures.schemas import Code
from services.analytics.forecasts.queries import ForecastQuestion, read_forecasts
from services.analytics.forecasts.schemas import ForecastAnswer
from services.analytics.store.rules.filters import MUNICIPALITY_DIGITS

router = Router(prefix="/api/v1/analytics", tags=["analytics"])
Reader = Annotated[Principal, allowed("coordinator", "analyst", "federal")]


@router.get("/forecasts")
async def show_forecasts(
    principal: Reader,
    session: Reading,
    region: Annotated[str | None, Query(pattern=r"^[0-9]{2}$")] = None,
    horizon: Annotated[int, Query(ge=1, le=28)] = 7,
    topic: Code | None = None,
    municipality: Annotated[str | None, Query(pattern=r"^[0-9]{8}([0-9]{3})?$")] = None,
) -> ForecastAnswer:
    """Made in the night: the region, its topics and its municipalities; with `topic` or `municipality` also those within. Without a
    region (`federal` and `admin` only): regions as a whole."""
    if region is None and principal.role not in ("federal", "admin"):
        raise Unprocessable("Name the region.")
    regions = principal.regions_within(region)
    if region is not None and region not in REGIONS:
        raise Unprocessable("There is no such region.")
    asked = ForecastQuestion(
        region=region,
        regions=regions,
        scope=scope_of(principal),
        horizon=horizon,
        topic=topic,
        municipality=None if municipality is None else municipality[:MUNICIPALITY_DIGITS],
    )
    return await read_forecasts(session, asked, utc_now())
