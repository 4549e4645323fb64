"""What everybody may know without a token: who finds it there need not write."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Body, Query

from chassis.db import Reading, Transaction, open_region
from chassis.problems import Unprocessable
from chassis.strict_routes import Router
from services.routing.known import actions
from services.routing.known.queries import Asked, list_known
from services.routing.known.rules import Point
from services.routing.known.schemas import Enough, EnoughCounted, KnownItems
from services.routing.reference.schemas.types import Code, Note, RegionCode

router = Router(prefix="/api/v1/known", tags=["known"])
Latitude = Annotated[float | None, Query(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float | None, Query(ge=-180, le=180, allow_inf_nan=False)]


@router.get("")
async def show_known(
    session: Reading,
    region: RegionCode,
    lat: Latitude = None,
    lon: Longitude = None,
    address: Note | None = None,
    topic: Code | None = None,
) -> KnownItems:
    """What is known already near a place, the nearest first: who finds it there need not write."""
    if (lat is None) != (lon is None):
        missing = "lat" if lat is None else "lon"
        error = {"pointer": f"/query/{missing}", "message": "a point has both"}
        raise Unprocessable("See errors.", errors=[error])
    await open_region(session, region)
    point = Point(lat, lon) if lat is not None and lon is not None else None
    return await list_known(session, Asked(region, point, address, topic))


@router.post("/{known_id}/enough")
async def count_enough(
    session: Transaction, known_id: UUID, _: Annotated[Enough, Body(default_factory=Enough)]
) -> EnoughCounted:
    """Somebody saw it and does not write: counted, nothing more is kept."""
    return await actions.count_enough(session, known_id)
