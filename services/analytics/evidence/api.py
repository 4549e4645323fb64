"""From a figure to the appeals behind it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from chassis.db import Reading
from chassis.pages import Page
from chassis.problems import Unprocessable
from chassis.strict_routes import Router
from services.analytics.evidence.queries import read_evidence
from services.analytics.evidence.schemas import EvidencePage
from services.analytics.figures.api import AskedFilter, AsOf, KnownUntil
from services.analytics.figures.rules.measures import MEASURES
from services.analytics.figures.schemas import MeasureKey
from services.analytics.store.rules.cells import MapCell, parse_cell

router = Router(prefix="/api/v1/analytics", tags=["analytics"])


def read_cell(
    cell: Annotated[
        str | None, Query(pattern="^[0-9a-f]{15}$", description="Of a map, by the name it has there.")
    ] = None,
) -> MapCell | None:
    """The cell of a map that is asked about; 422 for what is none."""
    found = None if cell is None else parse_cell(cell)
    if cell is not None and found is None:
        raise Unprocessable("`cell` is no cell of a map.")
    return found


AskedCell = Annotated[MapCell | None, Depends(read_cell)]


@router.get("/appeals")
async def list_evidence(
    filters: AskedFilter,
    as_of: AsOf,
    known_until: KnownUntil,
    session: Reading,
    page: Page,
    cell: AskedCell,
    metric: MeasureKey = "received",
) -> EvidencePage:
    """The appeals that a measure counts with these filters: of a count as many as its value, of other measures those it is
    made of. With `cell` those of one cell of the map, which shows nothing of cells with few appeals, and neither does this."""
    measure = MEASURES[metric]
    items, following = await read_evidence(session, filters, measure, page, known_until, cell)
    return EvidencePage(
        metric=metric,
        items=items,
        next_cursor=following,
        as_of=as_of,
        definition={metric: measure.definition},
    )
