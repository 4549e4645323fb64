"""Publishing: a month is counted when somebody first asks after it has settled, and kept as it was counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Final

import orjson

from chassis.db import insert_rows, open_region
from chassis.moments import utc_now
from services.analytics import tables
from services.analytics.public.queries import (
    Release,
    StoredRelease,
    count_month,
    everything_of,
    read_stored,
)
from services.analytics.public.rules.cells import COARSEST, FINEST
from services.analytics.public.rules.figures import NOTHING, MonthFigures
from services.analytics.public.rules.months import month_after, months_of_year, newest_month
from services.analytics.resources import AnalyticsResources
from services.analytics.store.queries.copies import store_for
from services.analytics.store.rules.periods import zone_of

_ONCE: Final = "DO NOTHING"


async def publish_year(resources: AnalyticsResources, region: str) -> list[Release]:
    """What is published of the months of the year, oldest first; the last one is the newest month."""
    zone = zone_of(region)
    months = months_of_year(newest_month(utc_now().astimezone(zone).date()))
    stored = await _read(resources, region, months)
    missing = [month for month in months if month not in stored]
    for month in missing:
        end = datetime.combine(month_after(month), time(), tzinfo=zone)
        await _publish(resources, region, month, end)
    if missing:
        stored |= await _read(resources, region, missing)
    return [stored.get(month, Release(month, NOTHING, {}, None)) for month in months]


async def _read(resources: AnalyticsResources, region: str, months: Sequence[date]) -> dict[date, Release]:
    async with resources.reading_sessions() as session:
        await open_region(session, region)
        return {each.month: _opened(each) for each in await read_stored(session, region, months)}


async def _publish(resources: AnalyticsResources, region: str, month: date, end: datetime) -> None:
    """Only once everything of the month is known to be counted. A month of which nothing can be shown is not kept: its past may
    still be brought in."""
    async with resources.reading_sessions() as session:
        await open_region(session, region)
        copy = resources.copy
        if copy is None or copy.serving is None:
            as_of = await resources.read_as_of(session)
        else:
            as_of = copy.as_of(everything_of(region, month))
        if as_of is None or as_of < end:
            return
        release = await count_month(store_for(copy, session), region, month, as_of)
    if release.figures.received is not None:
        await _keep(resources, region, release, as_of)


async def _keep(resources: AnalyticsResources, region: str, release: Release, as_of: datetime) -> None:
    """The first one counts, whoever else has counted meanwhile."""
    kept = tables.PublicRelease(
        region=region,
        month=release.month,
        figures=release.figures.model_dump(mode="json"),
        cells={
            str(resolution): {f"{cell:x}": count for cell, count in cells.items()}
            for resolution, cells in release.cells.items()
        },
        as_of=as_of,
    )
    async with resources.sessions.begin() as session:
        await open_region(session, region)
        await insert_rows(session, tables.public_release, [kept], on_conflict=_ONCE)


def _opened(stored: StoredRelease) -> Release:
    cells: dict[str, dict[str, int]] = orjson.loads(stored.cells)
    return Release(
        stored.month,
        MonthFigures.model_validate_json(stored.figures),
        {
            resolution: Counter({int(cell, 16): n for cell, n in cells.get(str(resolution), {}).items()})
            for resolution in range(COARSEST, FINEST + 1)
        },
        stored.as_of,
    )
