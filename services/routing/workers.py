"""What routing does by itself."""

from __future__ import annotations

from typing import Final

from chassis.db import open_work
from chassis.sealed_columns import sealing
from chassis.workers import Worker
from services.routing.assignments.actions.notes import return_some
from services.routing.placement.actions.undoing import remove_some
from services.routing.resources import RoutingResources
from services.routing.tables.assignments import SEALED

_POLL_SECONDS: Final = 1.0
_LOOK_FOR_RETURNS_SECONDS: Final = 60.0
_RETURNED_AT_ONCE: Final = 500


async def remove_imports(resources: RoutingResources) -> float:
    """One chunk a transaction: it goes on where it was after whatever has ended the process."""
    async with resources.sessions.begin() as session:
        await open_work(session)
        removed = await remove_some(session)
    return 0 if removed else _POLL_SECONDS


async def return_absent(resources: RoutingResources) -> float:
    """Whoever was away has their assignments again, a minute after the absence is over at the latest."""
    async with resources.sessions.begin() as session:
        await open_work(session)
        returned = await return_some(session, _RETURNED_AT_ONCE)
    return 0 if returned == _RETURNED_AT_ONCE else _LOOK_FOR_RETURNS_SECONDS


WORKERS: Final = (
    sealing(*SEALED),
    Worker("undoing", remove_imports),
    Worker("returning", return_absent),
)
