"""Requests first: work that can follow a request pauses while requests are being answered.

A service's relay, consumers and workers share its event loop with the people who wait for an answer. While many
requests wait they pause between batches – never longer than their patience, so that they always go on.
"""

from __future__ import annotations

import asyncio

CROWD = 5  # requests at a time; fewer are answered between two batches without anybody noticing
LOOK_SECONDS = 0.004
PATIENCE_SECONDS = 0.25
SHORT_PATIENCE_SECONDS = 0.04  # for what an appeal waits for on its way to a queue


class Foreground:
    """Counts the requests of this process that are being answered."""

    def __init__(self) -> None:
        self.waiting = 0

    async def yield_to(self, patience: float = PATIENCE_SECONDS) -> None:
        """Return when there is no crowd, or when the patience is over."""
        if self.waiting < CROWD:
            return
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience
        while self.waiting >= CROWD and loop.time() < deadline:  # noqa: ASYNC110 - an event per request would cost more
            await asyncio.sleep(LOOK_SECONDS)


foreground = Foreground()
