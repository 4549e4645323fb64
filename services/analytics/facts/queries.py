"""How fresh the facts are: the moment before which everything that happened has been counted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.broker import ConsumerLag
from chassis.consumer import Consumer
from chassis.db import rows
from services.analytics.tables import Progress

ASK_AGAIN_AFTER = timedelta(seconds=0.5)
ANSWER_WITHIN_SECONDS = 0.5
log = structlog.get_logger()


@dataclass
class Freshness:
    """What this process knows: when each stream was last seen read to its end, and where the streams stand now."""

    clean_at: dict[str, datetime] = field(default_factory=dict)
    asked_at: datetime | None = None
    lags: dict[str, ConsumerLag] = field(default_factory=dict)

    def asked_lately(self, now: datetime) -> bool:
        """Whether the streams need not be asked again yet."""
        return self.asked_at is not None and timedelta(0) <= now - self.asked_at < ASK_AGAIN_AFTER


async def read_as_of(
    session: AsyncSession, consumers: Sequence[Consumer], known: Freshness, now: datetime
) -> datetime | None:
    """The oldest over all streams of: now, for one read to its end; else its newest counted event.

    Events given back for another try would leave a gap before the newest one, so then only the last moment without
    any is sure. None when nothing is known of a stream. Half a second old at most when nothing lags.
    """
    await _ask_streams(consumers, known, now)
    counted = await rows(session, Progress, "SELECT stream, newest_at FROM analytics.progress")
    newest = {progress.stream: progress.newest_at for progress in counted}
    moments = [_moment_of(consumer.stream, known, newest) for consumer in consumers]
    sure = [moment for moment in moments if moment is not None]
    return min(sure) if sure and len(sure) == len(moments) else None


def _moment_of(stream: str, known: Freshness, newest: dict[str, datetime]) -> datetime | None:
    lag = known.lags.get(stream)
    gaps = lag is not None and lag.redelivered > 0
    candidates = [known.clean_at.get(stream), None if gaps else newest.get(stream)]
    return max((at for at in candidates if at is not None), default=None)


async def _ask_streams(consumers: Sequence[Consumer], known: Freshness, now: datetime) -> None:
    if known.asked_lately(now):
        return
    known.asked_at = now
    try:
        async with asyncio.timeout(ANSWER_WITHIN_SECONDS):
            answers = await asyncio.gather(
                *(consumer.broker.consumer_lag(consumer.stream, consumer.durable) for consumer in consumers)
            )
    except Exception as error:
        # The figures are there even while the broker is not; they are only not known to be fresh.
        log.info("freshness unknown", error=type(error).__name__)
        known.lags = {}
        return
    known.lags = {consumer.stream: answer for consumer, answer in zip(consumers, answers, strict=True)}
    known.clean_at |= {stream: now for stream, lag in known.lags.items() if lag.waiting == 0}
