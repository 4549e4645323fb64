"""A region at one glance, for a situation room."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request

from chassis.db import Reading
from chassis.moments import utc_now
from chassis.principals import Principal
from chassis.problems import Unprocessable
from chassis.resources import resources_of
from chassis.security import allowed
from chassis.strict_routes import Router
from services.analytics.figures.api import AskedFilter, AsOf, KnownUntil, Store
from services.analytics.situation.queries import Asked, read_situation
from services.analytics.situation.schemas import Situation
from services.analytics.store.rules.sources import Dimension

router = Router(prefix="/api/v1/analytics", tags=["analytics"])
Reader = Annotated[Principal, allowed("coordinator", "analyst", "federal")]


@router.get("/situation")
async def show_situation(
    principal: Reader,
    request: Request,
    session: Reading,
    store: Store,
    filters: AskedFilter,
    as_of: AsOf,
    known_until: KnownUntil,
    by: Annotated[
        Dimension | None,
        Query(description="With `parts`: what was received, by this, as `/breakdown` has it."),
    ] = None,
) -> Situation:
    """What is abnormal now, who is late, what the next week brings and what decisions changed, beside the figures of the period:
    what other operations answer one by one, in one answer. The region is named by every role."""
    if filters.region is None:
        raise Unprocessable("Name the region.")
    cursors = resources_of(request).cursors
    asked = Asked(principal, cursors, filters, filters.region, utc_now(), as_of, known_until, by)
    return await read_situation(session, store, asked)
