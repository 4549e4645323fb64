"""`python -m tests.routing.incidents_acts.replier`: the worker that gives answers to incidents, a process of its own, which a
test ends with kill -9. Small batches, so that it dies in the middle.
"""

from __future__ import annotations

import asyncio

from services.routing.incidents.actions import replying
from services.routing.main import ROUTING
from services.routing.reference.queries.cache import RoutingContext
from services.routing.resources import RoutingResources
from services.routing.settings import RoutingProcessSettings
from services.routing.workers import reply_to_incidents
from tests.routing.conftest import StubClassifier

BATCH = 7


async def reply() -> None:
    """Until killed."""
    settings = RoutingProcessSettings()
    resources = RoutingResources(settings, ROUTING)
    resources.carry(routing=RoutingContext(StubClassifier()), seals=settings.seals())
    replying.AT_ONCE = BATCH  # type: ignore[misc]
    print("ready", flush=True)
    while True:
        await asyncio.sleep(0.01 if await reply_to_incidents(resources) else 0)


if __name__ == "__main__":
    asyncio.run(reply())
