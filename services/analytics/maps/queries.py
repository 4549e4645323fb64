"""The map: how many appeals came from each cell, small cells withheld."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from chassis.problems import Unprocessable
from services.analytics.figures.queries import source_of
from services.analytics.figures.rules.sources import MAP_SOURCES, Filter
from services.analytics.maps.rules import (
    MINIMUM_APPEALS,
    MOST_CELLS,
    Box,
    lies_in,
    name_of,
    parent_expression,
    ring_of,
)
from services.analytics.maps.schemas import CellFeature, CellProperties, Polygon


class TooManyCells(Unprocessable):
    """The map would be too large to draw."""

    slug = "too-many-cells"
    title = "Ask for a smaller box or a coarser resolution"


@dataclass(frozen=True, slots=True)
class CellCount:
    """How many appeals came from a cell."""

    cell: int
    received: int


async def read_cells(
    session: AsyncSession, filters: Filter, resolution: int, box: Box | None
) -> list[CellFeature]:
    """Cells with at least `MINIMUM_APPEALS` appeals, fullest first; 422 when there are too many to draw."""
    source, parameters = source_of(filters, sources=MAP_SOURCES)
    # Counted over assignments an appeal may appear twice: given back to the same organisation.
    appeals = "count(*)" if filters.organisation is None else "count(DISTINCT f.appeal_id)"
    statement = (
        f"SELECT {parent_expression('f.cell', resolution)} AS cell, {appeals} AS received {source} "
        "AND f.cell IS NOT NULL "
        f"GROUP BY 1 HAVING {appeals} >= :minimum ORDER BY 2 DESC, 1"
    )
    found = await rows(session, CellCount, statement, **parameters, minimum=MINIMUM_APPEALS)
    shown = [count for count in found if box is None or lies_in(count.cell, box)]
    if len(shown) > MOST_CELLS:
        raise TooManyCells(f"More than {MOST_CELLS} cells.")
    return [_feature(count) for count in shown]


def _feature(count: CellCount) -> CellFeature:
    name = name_of(count.cell)
    return CellFeature(
        id=name,
        geometry=Polygon(coordinates=[ring_of(count.cell)]),
        properties=CellProperties(cell=name, received=count.received),
    )
