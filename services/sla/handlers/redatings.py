"""The worker that lets running clocks follow a decision."""

from __future__ import annotations

import structlog

from chassis.causes import cause_of
from chassis.db import open_all_rows
from services.sla.actions.redatings import (
    Redating,
    continue_redating,
    skip_appeal,
    take_redating,
)
from services.sla.models.catalogue import read_catalogue
from services.sla.resources import SlaResources

log = structlog.get_logger()


async def redate_some(resources: SlaResources) -> float:
    """One batch; an appeal that cannot be counted is logged and left out."""
    settings = resources.settings
    redating: Redating | None = None
    try:
        async with resources.sessions.begin() as session:
            await open_all_rows(session)
            redating = await take_redating(session)
            if redating is None:
                return settings.redating_poll_seconds
            limit = 1 if redating.attempts else settings.redating_batch
            catalogue = await read_catalogue(session, redating.region)
            await continue_redating(session, redating, catalogue, limit)
    except Exception as error:
        if redating is None or cause_of(error):  # no appeal is left out for a disk that was full
            raise
        log.error("redating failed", cause=redating.cause, after=str(redating.appeal_id), exc_info=error)
        async with resources.sessions.begin() as session:
            await open_all_rows(session)
            await skip_appeal(session, redating, 1)
    return 0
