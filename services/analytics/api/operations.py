"""What an operator does with the projections."""

from __future__ import annotations

from chassis.db import Transaction
from chassis.security import NationalAdmin
from chassis.strict_routes import Router
from services.analytics.actions import clear_projections
from services.analytics.schemas import Cleared

router = Router(prefix="/api/v1/operations/analytics", tags=["operations"])


@router.post("/rebuild")
async def rebuild(principal: NationalAdmin, session: Transaction) -> Cleared:
    """Forget all projections; figures are empty until the publishers have replayed their logs.

    The replay itself is the publishers' part: `otklik replay-events --consumer analytics`.
    """
    await clear_projections(session)
    return Cleared(next="otklik replay-events --consumer analytics")
