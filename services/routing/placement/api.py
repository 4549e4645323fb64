"""POST /api/v1/classify."""

from __future__ import annotations

from typing import Annotated

from chassis.db import Reading
from chassis.moments import utc_now
from chassis.principals import Principal
from chassis.security import allowed
from chassis.strict_routes import Router
from services.routing.placement.queries import classify_text
from services.routing.placement.schemas import Classification, Classify

router = Router(prefix="/api/v1", tags=["classification"])


@router.post("/classify")
async def classify(
    principal: Annotated[Principal, allowed("portal", "agency", "coordinator", "analyst")],
    session: Reading,
    body: Classify,
) -> Classification:
    """What the text is about and who would get it; nothing is stored."""
    principal.require_region(body.region)
    return await classify_text(session, body, utc_now())
