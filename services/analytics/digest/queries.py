"""What a digest tells, through the store of figures; what stores do not know is asked of the facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import scalar
from services.analytics.digest.rules.days import (
    MINUTES_BY_HAND,
    WEEKS,
    counts_on,
    level_of,
    like_days,
    usual_of,
)
from services.analytics.digest.rules.definitions import DEFINITIONS
from services.analytics.digest.schemas import Digest, DueDays, MovedTopic, Saved
from services.analytics.figures.queries import read_breakdown
from services.analytics.figures.rules.measures import MEASURES
from services.analytics.reports.queries.gathering import subject_of
from services.analytics.reports.rules.movements import movement
from services.analytics.store.queries.stores import FigureStore
from services.analytics.store.rules.filters import Filter, base_of
from services.analytics.store.rules.periods import Period
from services.analytics.store.rules.questions import Question

_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
_LATE: Final = "NOT due_kept AND due_epoch < CAST(:as_of AS bigint)"
# Given to an organisation by its first event, and neither passed on nor taken over: nobody has decided. Row security holds beside the scope.
_WITHIN: Final = """(:regions::text[] IS NULL OR a.region = ANY(:regions::text[]))
    AND (:within::text[] IS NULL OR a.municipality ^@ ANY (:within::text[]))
    AND (:municipality::text IS NULL OR a.municipality ^@ :municipality::text)
    AND (:organisation::uuid IS NULL OR a.organisation_id = :organisation::uuid)
    AND (:topic::text IS NULL OR a.topic = :topic::text) AND (:topic_group::text IS NULL OR a.topic_group = :topic_group::text)
    AND (:channel::text IS NULL OR a.channel = :channel::text)
"""
_ROUTED: Final = f"""
SELECT count(DISTINCT a.appeal_id) FROM analytics.fact_assignment a WHERE {_WITHIN}
    AND a.received_local >= :day::date AND a.received_local < :next::date
    AND a.role = 'lead' AND a.organisation_id IS NOT NULL AND a.organisation_sequence = 1 AND a.by_hand IS NOT TRUE
"""
_PROMISED: Final = f"""
SELECT count(*) FROM analytics.fact_assignment a
WHERE a.promised_on = :day::date AND a.promised_on IS NOT NULL AND a.cancelled_at IS NULL AND {_WITHIN}
"""


@dataclass(frozen=True, slots=True)
class _OnDay:
    day: date
    number: int


@dataclass(frozen=True, slots=True)
class _Number:
    number: int


@dataclass(frozen=True, slots=True)
class AskedDay:
    """`today`: the region's day of asking; `as_of`: when the facts were whole last, `known_until`: the same in seconds since 1970."""

    day: date
    today: date
    as_of: datetime | None
    known_until: int


async def read_digest(session: AsyncSession, store: FigureStore, filters: Filter, asked: AskedDay) -> Digest:
    """A day of what the filters mean; their period is not asked."""
    day = asked.day
    counts = await _read_days(store, filters, day)
    received = counts.get(day, 0)
    usual = usual_of(counts_on(like_days(day), counts, min(counts, default=None)))
    routed = await _count(session, _ROUTED, filters, day=day, next=day + _DAY)
    return Digest(
        region=filters.region,
        subject=await subject_of(store, filters),
        date=day,
        received=received,
        level=level_of(received, usual, is_over=day < asked.today),
        expected=None if usual is None else usual.expected,
        low=None if usual is None else usual.low,
        high=None if usual is None else usual.high,
        changed=await _read_moved(store, filters, day),
        overdue=DueDays(
            breached=await _count_due(store, filters, day, _LATE, as_of=asked.known_until),
            due_today=await _count_due(store, filters, day + _DAY, "closed_local IS NULL"),
            due_tomorrow=await _count_due(store, filters, day + 2 * _DAY, "closed_local IS NULL"),
        ),
        promises_due=await _count(session, _PROMISED, filters, day=day + _DAY),
        saved=Saved(
            routed=routed,
            answered_by_works=await _count_by_works(store, filters, day),
            minutes=routed * MINUTES_BY_HAND,
        ),
        as_of=asked.as_of,
        definition=DEFINITIONS,
    )


async def _read_days(store: FigureStore, filters: Filter, day: date) -> dict[date, int]:
    period = Period(day - WEEKS * _WEEK, day + _DAY)
    columns = {"day": "CAST(received_local AS date)", "number": "count(*)"}
    question = Question(filters.during(period), base_of(filters), columns, groups=1)
    return {each.day: each.number for each in await store.ask(_OnDay, question)}


async def _read_moved(store: FigureStore, filters: Filter, day: date) -> list[MovedTopic]:
    """Beyond chance, the largest move first."""
    week = filters.during(Period(day + _DAY - _WEEK, day + _DAY))
    found = []
    for item in await read_breakdown(store, week, MEASURES["received"], "topic"):
        now, before = int(item.value or 0), int(item.previous or 0)
        direction = movement(now, before)
        if direction is not None and item.key is not None:
            moved = MovedTopic(
                topic=item.key, name=item.name, received=now, previous=before, direction=direction
            )
            found.append(moved)
    return sorted(found, key=lambda each: (-abs(each.received - each.previous), each.name))


async def _count_due(
    store: FigureStore, filters: Filter, day: date, condition: str, **parameters: int
) -> int:
    due = filters.during(Period(day, day + _DAY))
    columns = {"number": "count(*)"}
    question = Question(
        due, base_of(filters), columns, narrowed=condition, parameters=parameters, dated_by="due_on"
    )
    (found,) = await store.ask(_Number, question)
    return found.number


async def _count_by_works(store: FigureStore, filters: Filter, day: date) -> int:
    of_day = filters.during(Period(day, day + _DAY))
    question = Question(of_day, base_of(filters), {"number": "count(*)"}, narrowed="by_work")
    (found,) = await store.ask(_Number, question)
    return found.number


async def _count(session: AsyncSession, sql: str, filters: Filter, **days: date) -> int:
    scope = filters.scope
    found = await scalar(
        session,
        int,
        sql,
        regions=None if filters.regions is None else list(filters.regions),
        within=None if scope.municipalities is None else list(scope.municipalities),
        municipality=filters.municipality,
        organisation=filters.organisation or scope.organisation,
        topic=filters.topic,
        topic_group=filters.group,
        channel=filters.channel,
        **days,
    )
    return found or 0
