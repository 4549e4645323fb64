"""What a process does for all who listen at it: it reads what was announced, and counts today's figures when they change."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import open_work
from chassis.feeds import read_generations
from chassis.moments import utc_now
from services.analytics.announcements.queries.channel import Begun, Channel, LiveFigures
from services.analytics.announcements.queries.entries import (
    AT_ONCE,
    read_changes,
    read_end,
    read_entries,
)
from services.analytics.resources import AnalyticsResources
from services.analytics.store.queries.stores import FactStore
from services.analytics.store.rules.filters import Filter
from services.analytics.stream.queries import count_today
from services.analytics.stream.rules import digest_of, is_touched, today_of

LOOK_SECONDS: Final = 0.5
REST_SECONDS: Final = 60.0
COUNT_SECONDS: Final = 2.0  # at least between two countings
COST_SHARE: Final = 3  # and so many times as long as the last one took


async def begin_reading(resources: AnalyticsResources) -> Begun:
    """Where this process stands; from now on, if it does not read yet."""
    channel = resources.channel
    async with channel.beginning:
        if channel.begun is None:
            async with resources.reading_sessions() as session:
                await open_work(session)
                end = await read_end(session)
                channel.begin(Begun(await read_generations(session, "analytics"), end, end, end))
        assert channel.begun is not None
        return channel.begun


async def pass_on(resources: AnalyticsResources) -> float:
    """One look for all who listen: what was announced, what has changed, and figures where it is time."""
    channel = resources.channel
    if not channel.audiences:
        channel.rest()
        return REST_SECONDS
    begun = await begin_reading(resources)
    async with resources.reading_sessions() as session:
        await open_work(session)
        entries = await read_entries(session, begun.place)
        changes = await read_changes(session, begun.changes)
    place = entries[-1].place if entries else begun.place
    noted = changes[-1].place if changes else begun.changes
    channel.publish(Begun(begun.generations, begun.floor, place, noted), entries)
    _mark_stale(channel, {region for change in changes for region in change.regions}, utc_now())
    await _count_stale(resources)
    return 0 if AT_ONCE in (len(entries), len(changes)) else LOOK_SECONDS


def _mark_stale(channel: Channel, changed: set[str], now: datetime) -> None:
    for audience, figures in channel.figures.items():
        if is_touched(audience, changed) or figures.day != today_of(audience, now):
            channel.stale.add(audience)


async def _count_stale(resources: AnalyticsResources) -> None:
    channel, loop = resources.channel, asyncio.get_running_loop()
    began = loop.time()
    if not channel.stale or began < channel.count_after:
        return
    stale, channel.stale = channel.stale, set()
    async with resources.reading_sessions() as session:
        await open_work(session)
        for audience in stale:
            await _count(resources, session, audience)
    channel.count_after = loop.time() + max(COUNT_SECONDS, COST_SHARE * (loop.time() - began))
    channel.signal()


async def find_figures(resources: AnalyticsResources, audience: Filter) -> LiveFigures:
    """As they were counted last, or now for the first who asks."""
    channel = resources.channel
    async with channel.counting:
        if audience not in channel.figures:
            async with resources.reading_sessions() as session:
                await open_work(session)
                await _count(resources, session, audience)
        return channel.figures[audience]


async def _count(resources: AnalyticsResources, session: AsyncSession, audience: Filter) -> None:
    """Only for an audience that is still there. Equal figures stay as old as they are."""
    channel = resources.channel
    as_of = await resources.read_as_of(session)
    today = today_of(audience, utc_now())
    counted = await count_today(FactStore(session), audience, today, as_of)
    digest, known = digest_of(counted), channel.figures.get(audience)
    if audience in channel.audiences and (known is None or known.digest != digest):
        channel.figures[audience] = LiveFigures(today, counted.model_dump_json().encode(), digest)
