"""Telling listeners: written in the transaction of what happened, taken away two days later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import encode_rows, insert_rows, open_work, rows, scalar
from chassis.moments import utc_now
from chassis.resources import Sessions
from chassis.wake_ups import wake_after_commit
from contracts.sla import DeadlineBreached
from services.analytics import tables
from services.analytics.announcements.rules import KEPT, Announcement, Breach, is_news

WAKE_UP = "stream"  # of the worker that passes on what was announced
_PURGED_AT_ONCE = 5_000
# Of the breaches that a batch told of: those the facts still hold for true, and where they lie.
_STANDING = """
SELECT b.region, b.appeal_id, b.deadline_id, coalesce(r.organisation_id, x.organisation_id) AS organisation_id,
    coalesce(x.municipality, p.routed_municipality, p.municipality) AS municipality, b.clock, b.cycle, b.version, b.due_at,
    b.fired_at
FROM json_to_recordset(:rows::json) AS r(region text, appeal_id uuid, deadline_id uuid, clock text, cycle integer,
    version integer, organisation_id uuid)
JOIN analytics.fact_breach AS b ON b.region = r.region AND b.appeal_id = r.appeal_id AND b.deadline_id = r.deadline_id
    AND b.clock = r.clock AND b.cycle = r.cycle AND b.version = r.version
JOIN analytics.fact_appeal AS p ON p.region = r.region AND p.appeal_id = r.appeal_id AND p.removed_at IS NULL
LEFT JOIN analytics.fact_assignment AS x ON x.region = r.region AND x.appeal_id = r.appeal_id AND x.assignment_id = r.deadline_id
WHERE b.corrected_at IS NULL
"""
# The newest of what is too old stays: it shows whoever comes back later that something is gone (`queries.entries`).
_PURGE = """
WITH last AS (
    SELECT xid, position FROM analytics.stream_entry WHERE at < now() - CAST(:kept AS interval)
    ORDER BY xid DESC, position DESC LIMIT 1
), old AS (
    SELECT e.position FROM analytics.stream_entry AS e, last WHERE (e.xid, e.position) < (last.xid, last.position)
    ORDER BY e.xid, e.position LIMIT :limit
), gone AS (
    DELETE FROM analytics.stream_entry AS e USING old WHERE e.position = old.position RETURNING 1
)
SELECT count(*) FROM gone
"""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An announcement as it is written."""

    region: str
    municipality: str | None
    organisation_id: UUID | None
    event: str
    key: str
    data: dict[str, object]


@dataclass(frozen=True, slots=True)
class StandingBreach:
    """A breach and what the facts know of it."""

    region: str
    appeal_id: UUID
    deadline_id: UUID
    organisation_id: UUID | None
    municipality: str | None
    clock: str
    cycle: int
    version: int
    due_at: datetime
    fired_at: datetime


async def announce(session: AsyncSession, announcements: Sequence[Announcement]) -> None:
    """Tell listeners of what this transaction does, once it is committed. What has been announced already is left out, so that
    whoever does something again need not know."""
    if not announcements:
        return
    entries = [
        NewEntry(
            region=each.region,
            municipality=each.municipality,
            organisation_id=each.organisation_id,
            event=each.event,
            key=each.key,
            data=each.data.model_dump(mode="json"),
        )
        for each in sorted(announcements, key=lambda each: each.key)
    ]
    await insert_rows(session, tables.stream_entry, entries, on_conflict="(key) DO NOTHING")
    wake_after_commit(session, WAKE_UP)


async def announce_breaches(session: AsyncSession, events: Sequence[DeadlineBreached]) -> None:
    """After the facts hold them. Breaches of long ago, which a replay may bring, are no news."""
    now = utc_now()
    fresh = [event for event in events if is_news(event.fired_at, now)]
    if not fresh:
        return
    asked = [
        {
            "region": event.region,
            "appeal_id": event.appeal_id,
            "deadline_id": event.deadline_id,
            "clock": event.clock,
            "cycle": event.cycle,
            "version": event.version,
            "organisation_id": event.organisation_id,
        }
        for event in fresh
    ]
    assignments = {event.deadline_id: event.assignment_id for event in fresh}
    standing = await rows(session, StandingBreach, _STANDING, rows=encode_rows(asked))
    await announce(session, [_announced(each, assignments[each.deadline_id]) for each in standing])


def _announced(breach: StandingBreach, assignment_id: UUID | None) -> Announcement:
    return Announcement(
        event="breach",
        key=f"breach:{breach.deadline_id}:{breach.clock}:{breach.cycle}:{breach.version}",
        region=breach.region,
        municipality=breach.municipality,
        organisation_id=breach.organisation_id,
        data=Breach(
            region=breach.region,
            appeal_id=breach.appeal_id,
            assignment_id=assignment_id,
            organisation=breach.organisation_id,
            municipality=breach.municipality,
            clock=breach.clock,
            cycle=breach.cycle,
            due_at=breach.due_at,
            fired_at=breach.fired_at,
        ),
    )


async def purge_entries(sessions: Sessions) -> None:
    """What was announced more than two days ago goes, some at a time."""
    purged = _PURGED_AT_ONCE
    while purged == _PURGED_AT_ONCE:
        async with sessions.begin() as session:
            await open_work(session)
            purged = await scalar(session, int, _PURGE, kept=KEPT, limit=_PURGED_AT_ONCE) or 0
