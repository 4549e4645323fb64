"""When an appeal that waits is likely to be answered."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request

from chassis.db import Reading
from chassis.moments import utc_now
from chassis.resources import resources_in
from chassis.strict_routes import Router
from services.analytics.figures.api import Reader, Store, scope_of
from services.analytics.finish.queries import find_waiting, read_finish
from services.analytics.finish.schemas import Finish
from services.analytics.resources import AnalyticsResources

router = Router(prefix="/api/v1/analytics", tags=["analytics"])


@router.get("/finish")
async def foresee_finish(
    principal: Reader, request: Request, session: Reading, store: Store, appeal: UUID
) -> Finish:
    """By how long such appeals of its region took, of those that had waited as long as it has; 404 once it is answered."""
    waiting = await find_waiting(session, scope_of(principal), appeal)
    kept = resources_in(request.app, AnalyticsResources).kept
    return await read_finish(store, kept, appeal, waiting, utc_now())
