"""Open clocks of a region in figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, rows
from chassis.kept_answers import KeptAnswers
from chassis.principals import Principal
from services.sla.clocks.schemas import Overdue, Overview
from services.sla.tables import PENDING

# Each state is counted by walking a part of one index; all open clocks by their own index would be read row by row.
_STANDING: Final = """
SELECT (SELECT count(*) FROM sla.clock WHERE region = :region AND state = 'running') AS running,
    (SELECT count(*) FROM sla.clock WHERE region = :region AND state = 'paused') AS paused
"""
_WAITING: Final = f"""
SELECT (SELECT count(*) FROM sla.clock
    WHERE region = :region AND state = 'running' AND sort_at < now() + make_interval(hours => :hours)) AS soon,
    (SELECT count(*) FROM sla.extension WHERE region = :region AND {PENDING}) AS extensions
"""
_OVERDUE: Final = (
    "SELECT organisation_id, count(*) AS count, min(due_at) AS oldest_due_at FROM sla.clock "
    "WHERE region = :region AND state = 'breached' AND ended_at IS NULL "
    "GROUP BY organisation_id ORDER BY count(*) DESC, min(due_at)"
)


MANY: Final = 20_000  # clocks: walking more takes longer than all else that is asked


@dataclass(frozen=True, slots=True)
class _Standing:
    running: int
    paused: int


@dataclass(frozen=True, slots=True)
class _Waiting:
    soon: int
    extensions: int


@dataclass(frozen=True, slots=True)
class _Overdue:
    organisation_id: UUID | None
    count: int
    oldest_due_at: datetime


async def count_open(
    session: AsyncSession, principal: Principal, region: str, due_soon_hours: int, kept: KeptAnswers
) -> Overview:
    """Open clocks of a region by state, those due soon, the overdue ones by organisation, and wishes for more days.

    `kept`: counts of clocks that have time yet or stand still, for as long as they hold.
    """
    standing = await _count_standing(session, principal, region, kept)
    waiting = await row(session, _Waiting, _WAITING, region=region, hours=due_soon_hours)
    assert waiting is not None
    overdue = await rows(session, _Overdue, _OVERDUE, region=region)
    breached = sum(each.count for each in overdue)
    by_state = {"running": standing.running, "paused": standing.paused, "breached": breached}
    return Overview(
        region=region,
        by_state={state: number for state, number in by_state.items() if number},
        due_soon=waiting.soon,
        due_soon_hours=due_soon_hours,
        overdue=[Overdue.model_validate(each, from_attributes=True) for each in overdue],
        extensions_pending=waiting.extensions,
    )


async def _count_standing(
    session: AsyncSession, principal: Principal, region: str, kept: KeptAnswers
) -> _Standing:
    """What was counted for whoever sees the same rows, or is now; kept where there is much to count."""
    key = (region, principal.role, principal.organisation_id, principal.municipalities)
    found = kept.find(key, _Standing)
    if found is None:
        found = await row(session, _Standing, _STANDING, region=region)
        assert found is not None
        if found.running + found.paused >= MANY:
            kept.keep(key, found)
    return found
