"""How far consumers are behind, and what was given up on, as metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from chassis.consumer import Consumer
from chassis.db import scalar
from chassis.metrics import CONSUMER_LAG, DEAD_LETTERS
from chassis.tasks import turned


async def watch_lag(consumers: Sequence[Consumer], seconds: float = 5.0) -> None:
    """Keep the lag and dead-letter gauges fresh, for ever."""
    while True:
        for consumer in (each for each in consumers if each.is_made):
            CONSUMER_LAG.labels(consumer.stream).set(
                await consumer.broker.lag(consumer.stream, consumer.durable)
            )
        if consumers:
            async with consumers[0].applier.sessions() as session:
                table = consumers[0].applier.tables.dead_letter.fullname
                DEAD_LETTERS.set(await scalar(session, int, f"SELECT count(*) FROM {table}") or 0)
        turned()
        await asyncio.sleep(seconds)
