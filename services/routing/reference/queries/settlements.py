"""The settlements that a map of a region names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from services.routing.reference.schemas.settlements import SettlementPoint, Settlements

_LARGEST: Final = """
SELECT code, name, kind, municipality, lat, lon, population FROM routing.settlement
WHERE region = :region AND lat IS NOT NULL AND (:municipality::text IS NULL OR municipality = :municipality::text)
ORDER BY population DESC NULLS LAST, code LIMIT :limit
"""


@dataclass(frozen=True, slots=True)
class _Point:
    code: str
    name: str
    kind: str
    municipality: str
    lat: float
    lon: float
    population: int | None


async def list_settlements(
    session: AsyncSession, region: str, municipality: str | None, limit: int
) -> Settlements:
    """Those with the most inhabitants first; a region has some thousands, which are sorted in a few milliseconds."""
    found = await rows(session, _Point, _LARGEST, region=region, municipality=municipality, limit=limit)
    points = [SettlementPoint.model_validate(each, from_attributes=True) for each in found]
    return Settlements(items=points)
