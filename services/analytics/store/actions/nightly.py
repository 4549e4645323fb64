"""Every night a file is compared with the facts, region by region, and sorted anew: what was changed lies at its end."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any

import structlog

from chassis.db import open_work, row
from chassis.faults import Wording
from chassis.workers import last_due
from services.analytics.store.actions.building import regions_of, replace_serving, resort
from services.analytics.store.actions.following import Source, follow_in
from services.analytics.store.queries.copies import Catalog, FigureCopy
from services.analytics.store.rules.copies import TABLES, Counts, counts_in_copy, counts_in_facts

SORTS_AT = time(22, 0)  # UTC
TRIES = 50
AGAIN = timedelta(hours=1)
log = structlog.get_logger()


def is_due(catalog: Catalog, now: datetime) -> bool:
    """Whether a night has begun since the file was made."""
    made_at = datetime.fromtimestamp(int(catalog.file.stem) / 1e9, UTC)
    return datetime.combine(last_due(now, SORTS_AT), SORTS_AT, UTC) > made_at


async def renew_if_due(copy: FigureCopy, source: Source, now: datetime) -> bool:
    """At night; whether it was. A file that cannot be sorted, on a full disk say, goes on answering, and is tried again in an
    hour."""
    serving = copy.serving
    if serving is None or not is_due(serving, now) or (copy.sorts_after or now) > now:
        return False
    try:
        await renew(copy, source)
    except copy.engine.errors as error:
        log.warning("figures copy not sorted", error=type(error).__name__)
        copy.sorts_after = now + AGAIN
        return False
    return True


async def renew(copy: FigureCopy, source: Source) -> None:
    """Compare what answers now, then put a sorted file in its place; what does not equal the facts is distrusted."""
    serving = copy.serving
    if serving is None:
        return
    found = await copy.engine.work(
        lambda cursor: cursor.execute(f"SELECT DISTINCT region FROM {serving.name}.appeal").fetchall()
    )
    for region in sorted({region for (region,) in found} | set(await regions_of(source))):
        if not await _equals(copy, serving, source, region):
            copy.distrust(Wording("region {region} differs from the facts", {"region": region}))
            return
    await replace_serving(copy, await resort(copy, serving, source))


async def _equals(copy: FigureCopy, catalog: Catalog, source: Source, region: str) -> bool:
    for _ in range(TRIES):
        as_of = await source.as_of()
        async with source.sessions() as session:
            await open_work(session)
            if (await follow_in(session, copy, catalog, as_of)).is_whole:
                facts = [
                    await row(session, Counts, counts_in_facts(table), region=region) for table in TABLES
                ]
                copied = await copy.engine.work(partial(_count, catalog.name, region))
                return facts == copied
    log.warning("figures copy not compared: the facts never stood still", region=region)
    return True


def _count(name: str, region: str, cursor: Any) -> list[Counts]:
    found = [cursor.execute(counts_in_copy(name, table), [region]).fetchone() for table in TABLES]
    return [Counts(*each) for each in found]
