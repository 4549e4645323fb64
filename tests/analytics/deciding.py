"""Facts of a region by week and municipality, in the mass that statistics need; and a decision within them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any, Final

import asyncpg
from uuid_utils.compat import uuid7

PLACES: Final = tuple(f"386{number:02}000" for number in range(1, 15))
DECIDED: Final = PLACES[3]
TOPIC: Final = "lighting"
WEEKS_BEFORE, WEEKS_AFTER = 40, 8
_INSERT: Final = """
INSERT INTO analytics.fact_appeal
    (region, appeal_id, received_at, received_local, municipality, topic, topic_group, leads, answered_at)
SELECT '46', x.id, x.at, x.at AT TIME ZONE 'Europe/Moscow', x.place, x.topic, 'streets', 1, x.at + x.hours * interval '1 hour'
FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::float8[]) AS x(id, at, place, topic, hours)
"""
Rate = Callable[[str, int], float]  # of a place and a week from the decision on: rows to be expected


def usual(place: str, week: int) -> float:
    """Between four and ten a week; all of the region is busier every fourth week."""
    return (4 + 6 * PLACES.index(place) / len(PLACES)) * (1.3 if week % 4 == 0 else 1)


def peak_then(share: float) -> Rate:
    """As usual, but where it was decided: three bad weeks, and from then on such a share of what is usual."""

    def rate(place: str, week: int) -> float:
        if place != DECIDED:
            return usual(place, week)
        return usual(place, week) * (2.2 if -3 <= week < 0 else share if week >= 0 else 1)

    return rate


def draw(random: Random, mean: float) -> int:
    """A Poisson number."""
    number, waited = 0, random.expovariate(1)
    while waited < mean:
        number, waited = number + 1, waited + random.expovariate(1)
    return number


_NAME: Final = """
INSERT INTO analytics.reference (region, kind, key, version, name)
SELECT '46', x.kind, x.key, 1, x.key FROM unnest($1::text[], $2::text[]) AS x(kind, key) ON CONFLICT DO NOTHING
"""


async def name_all(look: asyncpg.Connection) -> None:
    """The region has these topics and municipalities."""
    named = [("topic", TOPIC), ("topic", "potholes"), *(("municipality", place) for place in PLACES)]
    await look.execute(_NAME, *(list(column) for column in zip(*named, strict=True)))


async def fill_weeks(
    look: asyncpg.Connection, started_on: date, rate: Rate, *, topic: str = TOPIC, weeks: int = WEEKS_BEFORE,
    hours: Callable[[str, int], float] = lambda place, week: 48.0, seed: int = 1,
) -> None:  # fmt: skip
    """So many weeks before a day, and some after it."""
    random, rows = Random(seed), []
    midnight = datetime.combine(started_on, datetime.min.time(), UTC)
    for place in PLACES:
        for week in range(-weeks, WEEKS_AFTER):
            for _ in range(draw(random, rate(place, week))):
                at = midnight + timedelta(
                    days=7 * week, seconds=random.uniform(6 * 3600, 7 * 86400 - 4 * 3600)
                )
                rows.append((uuid7(), at, place, topic, hours(place, week) * random.lognormvariate(0, 0.5)))
    await look.execute(_INSERT, *(list(column) for column in zip(*rows, strict=True)))


def stated(started_on: date, /, **changes: Any) -> dict[str, Any]:
    """A decision that runs since that day."""
    return {
        "region": "46",
        "title": "Заменить лампы на светодиодные",
        "owner": "Управление благоустройства",
        "state": "running",
        "started_on": started_on.isoformat(),
        "topic": TOPIC,
        "municipality": DECIDED,
        **changes,
    }
