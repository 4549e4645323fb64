"""What a process does for all who listen at it: it reads what was announced, and counts today's figures when they change."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import open_work
from chassis.feeds import read_generations
from chassis.moments import utc_now
from services.analytics.announcements.queries.broadcast import REMEMBERED, Begun, Broadcast, LiveFigures
from services.analytics.announcements.queries.entries import (
    AT_ONCE,
    NOWHERE,
    Entry,
    read_changes,
    read_end,
    read_entries,
    read_gone,
    read_recent,
)
from services.analytics.resources import AnalyticsResources
from services.analytics.store.queries.stores import FactStore
from services.analytics.store.rules.filters import Filter
from services.analytics.stream.queries import count_today
from services.analytics.stream.rules import digest_of, is_touched, today_of

LOOK_SECONDS: Final = 0.5
REST_SECONDS: Final = 60.0
GONE_SECONDS: Final = 60.0
COUNT_SECONDS: Final = 2.0  # at least between two countings
COST_SHARE: Final = 3  # and so many times as long as the last one took


async def begin_reading(resources: AnalyticsResources) -> Begun:
    """Where this process stands; from now on, if it does not read yet."""
    broadcast = resources.broadcast
    async with broadcast.beginning:
        if broadcast.begun is None:
            async with resources.reading_sessions() as session:
                await open_work(session)
                begun, recent = await _look_back(session)
            broadcast.begin(begun, recent)
        assert broadcast.begun is not None
        return broadcast.begun


async def _look_back(session: AsyncSession) -> tuple[Begun, list[Entry]]:
    """From the end of what can be read, remembering what came just before."""
    end = await read_end(session)
    recent = await read_recent(session, end, REMEMBERED + 1)
    floor = recent.pop(0).place if len(recent) > REMEMBERED else NOWHERE
    generations = await read_generations(session, "analytics")
    begun = Begun(generations, floor, end, end, await read_gone(session), asyncio.get_running_loop().time())
    return begun, recent


async def pass_on(resources: AnalyticsResources) -> float:
    """One look for all who listen: what was announced, what has changed, and figures where it is time."""
    broadcast = resources.broadcast
    if not broadcast.audiences:
        broadcast.rest()
        return REST_SECONDS
    begun = await begin_reading(resources)
    async with resources.reading_sessions() as session:
        await open_work(session)
        entries = await read_entries(session, begun.place)
        changes = await read_changes(session, begun.changes)
        if asyncio.get_running_loop().time() > begun.seen_at + GONE_SECONDS:
            begun = replace(begun, gone=await read_gone(session), seen_at=asyncio.get_running_loop().time())
    place = entries[-1].place if entries else begun.place
    noted = changes[-1].place if changes else begun.changes
    broadcast.publish(replace(begun, place=place, changes=noted), entries)
    _mark_stale(broadcast, {region for change in changes for region in change.regions}, utc_now())
    await _count_stale(resources)
    return 0 if AT_ONCE in (len(entries), len(changes)) else LOOK_SECONDS


def _mark_stale(broadcast: Broadcast, changed: set[str], now: datetime) -> None:
    """Those whose figures have changed, or are of yesterday; also where they are being counted for the first time."""
    for audience in broadcast.audiences:
        figures = broadcast.figures.get(audience)
        is_of_yesterday = figures is not None and figures.day != today_of(audience, now)
        if is_of_yesterday or is_touched(audience, changed):
            broadcast.stale.add(audience)


async def _count_stale(resources: AnalyticsResources) -> None:
    """Each is stale until it has been counted; what fails is counted at the next look."""
    broadcast, loop = resources.broadcast, asyncio.get_running_loop()
    began = loop.time()
    if not broadcast.stale or began < broadcast.count_after:
        return
    for audience in tuple(broadcast.stale):
        async with broadcast.counting:
            await _count(resources, audience)
        broadcast.stale.discard(audience)
    broadcast.count_after = loop.time() + max(COUNT_SECONDS, COST_SHARE * (loop.time() - began))
    broadcast.signal()


async def find_figures(resources: AnalyticsResources, audience: Filter) -> LiveFigures:
    """As they were counted last, or now for the first who asks."""
    broadcast = resources.broadcast
    async with broadcast.counting:
        if audience not in broadcast.figures:
            await _count(resources, audience)
        return broadcast.figures[audience]


async def _count(resources: AnalyticsResources, audience: Filter) -> None:
    """Only for an audience that is still there. Equal figures stay as old as they are."""
    broadcast = resources.broadcast
    today = today_of(audience, utc_now())
    async with resources.reading_sessions() as session:
        await open_work(session)
        as_of = await resources.read_as_of(session)
        counted = await count_today(FactStore(session), audience, today, as_of)
    digest, known = digest_of(counted), broadcast.figures.get(audience)
    if audience in broadcast.audiences and (known is None or known.digest != digest):
        broadcast.figures[audience] = LiveFigures(today, counted.model_dump_json().encode(), digest)
