"""The operator's rebuild."""

from __future__ import annotations

from chassis.db import Transaction
from chassis.problems import NotFound, Unprocessable
from chassis.security import AdminOnly
from chassis.strict_routes import Router
from services.sla.administration.schemas.operations import RebuildBody, Rebuilt
from services.sla.clocks.actions.recalculations import queue_rebuild, rebuild_appeals
from services.sla.clocks.queries.deadlines import find_appeals

router = Router(prefix="/api/v1/operations/sla", tags=["operations"])


@router.post("/rebuild", status_code=202)
async def rebuild_clocks(principal: AdminOnly, session: Transaction, body: RebuildBody) -> Rebuilt:
    """Count clocks anew from their journals: some appeals at once, or whole regions in the background.

    404 when one of the appeals is unknown or out of reach.
    """
    if not (body.appeal_ids or body.regions or body.all):
        raise Unprocessable("Name appeals or regions, or say all.")
    for region in body.regions:
        principal.require_region(region)
    keys = await find_appeals(session, principal, body.appeal_ids)
    if len(keys) < len(set(body.appeal_ids)):
        raise NotFound
    changed = await rebuild_appeals(session, keys)
    queued = sorted(set(body.regions))
    if body.all:
        queued = principal.regions_within()
    for region in queued:
        await queue_rebuild(session, region)
    return Rebuilt(appeals=len(keys), changed=len(changed), queued=queued)
