"""The digest of a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from chassis.db import Reading
from chassis.moments import utc_now
from chassis.strict_routes import Router
from chassis.times import Day
from services.analytics.digest.queries import AskedDay, read_digest
from services.analytics.digest.rules.days import Usual
from services.analytics.digest.rules.wording import DayInShort, Moved, compose_digest
from services.analytics.digest.schemas import Digest, Format
from services.analytics.figures.api import (
    Reader,
    Store,
    Subject,
    find_freshness,
    find_known_until,
    require_region,
)
from services.analytics.reports.api import file_of, render
from services.analytics.store.rules.filters import Filter
from services.analytics.store.rules.periods import today_in

router = Router(prefix="/api/v1/analytics", tags=["analytics"])
_FORMATS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The digest.",
        "content": {name: {"schema": {"type": "string"}} for name in ("text/html", "text/markdown")},
    }
}


def read_day_filters(principal: Reader, subject: Subject) -> Filter:
    """What figures are asked of, without a period."""
    return require_region(principal, subject)


DayFilter = Annotated[Filter, Depends(read_day_filters)]


async def find_day_freshness(filters: DayFilter, request: Request, session: Reading) -> datetime | None:
    """`as_of`, as of all figures."""
    return await find_freshness(filters, request, session)


OfDay = Annotated[Day | None, Query(alias="date", description="The region's day; without it yesterday.")]


@router.get("/digest", response_model=Digest, responses=_FORMATS)
async def show_digest(
    filters: DayFilter,
    as_of: Annotated[datetime | None, Depends(find_day_freshness, scope="function")],
    store: Store,
    session: Reading,
    day: OfDay = None,
    format: Format = "json",
) -> Digest | Response:
    """A day in short: calmer or tenser than such days are, what changed beyond chance, what was and falls due, what went by
    itself."""
    today = today_in(filters.region, utc_now())
    asked = AskedDay(day or today - timedelta(days=1), today, as_of, find_known_until(as_of))
    digest = await read_digest(session, store, filters, asked)
    if format == "json":
        return digest
    return file_of(render(compose_digest(_in_short(digest)), format), format, "digest")


def _in_short(digest: Digest) -> DayInShort:
    usual = None
    if digest.expected is not None and digest.low is not None and digest.high is not None:
        usual = Usual(digest.expected, digest.low, digest.high, 0)
    return DayInShort(
        digest.region,
        digest.subject,
        digest.date,
        digest.as_of,
        digest.received,
        digest.level,
        usual,
        [Moved(each.name, each.received, each.previous, each.direction) for each in digest.changed],
        digest.overdue.breached,
        digest.overdue.due_today,
        digest.overdue.due_tomorrow,
        digest.promises_due,
        digest.saved.routed,
        digest.saved.minutes,
    )
