"""Which companies serve the houses of appeals: one statement for a batch, and none where no rule asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from services.routing.reference.rules.houses import Served
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.service_areas import (
    AskedHouse,
    StreetArea,
    by_street,
    find_house,
    serve,
)

_OF_STREETS = """
SELECT a.region, a.organisation_id, a.service, a.municipality, a.settlement, a.street, a.street_key, a.street_kind, a.houses,
    a.valid_from, a.valid_to
FROM unnest(:regions::text[], :keys::text[]) AS asked (region, street_key)
JOIN routing.service_area a ON a.region = asked.region AND a.street_key = asked.street_key
"""
_ONE: Final = UUID(int=0)


async def find_served(session: AsyncSession, asked: Mapping[UUID, AskedHouse]) -> dict[UUID, Served]:
    """Who serves the houses, by the ids they were asked with."""
    if not asked:
        return {}
    streets = sorted({(each.region, each.address.street.key) for each in asked.values()})
    regions, keys = [region for region, _ in streets], [key for _, key in streets]
    areas = by_street(await rows(session, StreetArea, _OF_STREETS, regions=regions, keys=keys))
    served = {
        id: serve(areas.get((house.region, house.address.street.key), ()), house)
        for id, house in asked.items()
    }
    return {id: each for id, each in served.items() if each is not None}


async def find_served_house(
    session: AsyncSession,
    reference: RegionReference,
    topics: Iterable[str | None],
    address: str | None,
    text: str,
    day: date,
) -> Served | None:
    """Who serves the one house that an address or a text names; None where no rule of the topics asks for it."""
    asks = any(map(reference.asks_for_house, topics))
    house = find_house(reference.region, address, text, day) if asks else None
    return (await find_served(session, {_ONE: house})).get(_ONE) if house else None
