"""What a text is about, without submitting it: for officials in full, for whoever is writing in a word."""

from __future__ import annotations

from typing import Annotated

from chassis.db import Reading, open_region
from chassis.moments import utc_now
from chassis.principals import Principal
from chassis.security import allowed
from chassis.strict_routes import Router
from services.routing.placement.queries import classify_text, offer_topics
from services.routing.placement.schemas import Classification, Classify, Draft, DraftTopics

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


@router.post("/known/topics")
async def offer_topics_of_draft(session: Reading, body: Draft) -> DraftTopics:
    """What a citizen may choose instead of searching a list, while the text is being written; nothing is stored."""
    await open_region(session, body.region)
    return await offer_topics(session, body)
