"""What routing does by itself."""

from __future__ import annotations

from datetime import time
from typing import Final

from chassis.db import open_work
from chassis.sealed_columns import sealing
from chassis.workers import Worker, daily
from services.routing.answers.actions.learning import index_some, purge_old_bands
from services.routing.placement.actions.undoing import remove_some
from services.routing.resources import RoutingResources
from services.routing.tables.answers import REVIEW_WORDS
from services.routing.tables.assignments import SEALED

_POLL_SECONDS: Final = 1.0


async def remove_imports(resources: RoutingResources) -> float:
    """One chunk a transaction: it goes on where it was after whatever has ended the process."""
    async with resources.sessions.begin() as session:
        await open_work(session)
        removed = await remove_some(session)
    return 0 if removed else _POLL_SECONDS


async def index_cases(resources: RoutingResources) -> float:
    """Answered cases become findable a moment after their answers."""
    async with resources.sessions.begin() as session:
        await open_work(session)
        indexed = await index_some(session)
    return 0 if indexed else _POLL_SECONDS


async def purge_bands(resources: RoutingResources) -> None:
    """Once a day: what answers were compared by, as long as they were."""
    async with resources.sessions.begin() as session:
        await open_work(session)
        await purge_old_bands(session)


WORKERS: Final = (
    sealing(*SEALED, REVIEW_WORDS),
    Worker("undoing", remove_imports),
    Worker("cases", index_cases),
    daily("bands", purge_bands, time(1, 20)),
)
