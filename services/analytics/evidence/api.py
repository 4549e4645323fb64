"""From a figure to the appeals behind it."""

from __future__ import annotations

from chassis.db import Reading
from chassis.pages import Page
from chassis.strict_routes import Router
from services.analytics.evidence.queries import read_evidence
from services.analytics.evidence.schemas import EvidencePage
from services.analytics.figures.api import AskedFilter, AsOf, KnownUntil
from services.analytics.figures.rules.measures import MEASURES
from services.analytics.figures.schemas import MeasureKey

router = Router(prefix="/api/v1/analytics", tags=["analytics"])


@router.get("/appeals")
async def list_evidence(
    filters: AskedFilter,
    as_of: AsOf,
    known_until: KnownUntil,
    session: Reading,
    page: Page,
    metric: MeasureKey = "received",
) -> EvidencePage:
    """The appeals that a measure counts with these filters: of a count as many as its value, of other measures those it is
    made of."""
    measure = MEASURES[metric]
    items, following = await read_evidence(session, filters, measure, page, known_until)
    return EvidencePage(
        metric=metric,
        items=items,
        next_cursor=following,
        as_of=as_of,
        definition={metric: measure.definition},
    )
