"""What a service with webhooks does by itself: read its feed for them, call, and forget old calls."""

from __future__ import annotations

from time import monotonic
from typing import Any, Final

from chassis.db import open_work, run
from chassis.housekeeping import PURGES_AT
from chassis.wake_ups import wake_after_commit
from chassis.webhooks.calling import DeliverySender
from chassis.webhooks.gathering import gather
from chassis.webhooks.offer import CALLS, WEBHOOKS, WebhookResources
from chassis.workers import Worker, daily

KEEP_DAYS: Final = 30
_LOOK_SECONDS: Final = 1.0
_NOBODY_SECONDS: Final = 30.0  # where no webhook is active; a new one wakes the worker
_RESTS: Final = 3  # times as long as it worked
_PURGE: Final = (
    "DELETE FROM {schema}.webhook_delivery WHERE state <> 'waiting' "
    f"AND created_at < now() - make_interval(days => {KEEP_DAYS})"
)


async def read_feed(resources: WebhookResources[Any]) -> float:
    """Once a second while somebody listens, and never for more than a quarter of the time."""
    began = monotonic()
    async with resources.sessions.begin() as session:
        await open_work(session)
        found = await gather(session, resources.webhooks.offer, resources.verifier.revocations)
        if found.calls:
            wake_after_commit(session, CALLS)
    if not found.readers:
        return _NOBODY_SECONDS
    took = monotonic() - began
    return _RESTS * took if found.more else max(_LOOK_SECONDS, _RESTS * took)


async def call_receivers(resources: WebhookResources[Any]) -> float:
    """All that is due."""
    return await DeliverySender(resources.sessions, resources.webhooks).call_due()


async def purge_calls(resources: WebhookResources[Any]) -> None:
    """Calls that were taken a month ago."""
    async with resources.sessions.begin() as session:
        await open_work(session)
        await run(session, _PURGE.format(schema=resources.service))


WEBHOOK_WORKERS: Final = (
    Worker("webhooks", read_feed, wake_up=WEBHOOKS),
    Worker("calling webhooks", call_receivers, wake_up=CALLS),
    daily("purging webhook calls", purge_calls, PURGES_AT),
)
