"""When an appeal that waits is likely to be answered."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request

from chassis.db import Reading, open_region
from chassis.moments import utc_now
from chassis.resources import resources_in
from chassis.strict_routes import Router
from services.analytics.figures.api import Reader, scope_of
from services.analytics.finish.queries import find_waiting, read_finish
from services.analytics.finish.schemas import Finish
from services.analytics.resources import AnalyticsResources
from services.analytics.store.queries.copies import store_for

router = Router(prefix="/api/v1/analytics", tags=["analytics"])


@router.get("/finish")
async def foresee_finish(principal: Reader, request: Request, session: Reading, appeal: UUID) -> Finish:
    """By how long such appeals of its region took, of those that had waited as long as it has; 404 once it is answered."""
    resources = resources_in(request.app, AnalyticsResources)
    waiting = await find_waiting(session, scope_of(principal), appeal)
    # How long appeals took is the same for all and kept for all, so it is counted over the region's rows, whoever asks.
    await open_region(session, waiting.region)
    store = store_for(resources.copy, session)
    return await read_finish(store, resources.kept, appeal, waiting, utc_now())
