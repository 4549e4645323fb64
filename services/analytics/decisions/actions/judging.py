"""Judging decisions: soon after they are made, and again every day while weeks are added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.child_processes import ChildFailed
from chassis.db import open_all_rows, row, run
from chassis.moments import utc_now
from chassis.resources import Sessions
from services.analytics.decisions.actions.asking import ask
from services.analytics.decisions.queries.weeks import WeeksOfSeries, leave_decided_out, read_weeks
from services.analytics.decisions.rules.effects import JUDGEMENT, Found, Judgement, Other, Reason
from services.analytics.decisions.rules.subjects import Compared, comparisons_of, weeks_after
from services.analytics.figures.rules.measures import MEASURES
from services.analytics.store.queries.stores import FactStore
from services.analytics.store.rules.periods import zone_of
from services.analytics.tables.decisions import DecisionRow

LEAST_WEEKS: Final = 4
# How long after its weeks are full late answers may still change an effect.
SETTLES: Final = timedelta(days=7 * 24)
# What has never been judged, then what has more weeks than when it was; late events change it for a while.
_DUE: Final = """
SELECT * FROM analytics.decision WHERE state IN ('running', 'done') AND started_on IS NOT NULL AND (computed_at IS NULL
    OR (computed_at < :now::timestamptz - interval '20 hours' AND started_on > :oldest::date))
ORDER BY computed_at NULLS FIRST, id LIMIT 1
"""
_KEEP: Final = """
UPDATE analytics.decision SET worked = :worked, gain = :gain, judged = :judged::jsonb, effect_reason = :reason,
    judged_to = :judged_to, computed_at = :now::timestamptz
WHERE region = :region AND id = :id AND version = :version
"""
_PUT_OFF: Final = (
    "UPDATE analytics.decision SET computed_at = :now::timestamptz WHERE region = :region AND id = :id"
)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Outcome:
    """An effect, or why there is none."""

    judgement: Judgement | None
    reason: Reason | None


async def judge_next(sessions: Sessions, reading: Sessions) -> bool:
    """Judge the decision that has waited longest; whether there was one. One that is changed meanwhile is judged again."""
    now = utc_now()
    async with reading() as session:
        await open_all_rows(session)
        decision = await row(session, DecisionRow, _DUE, now=now, oldest=(now - SETTLES).date())
    if decision is None:
        return False
    local = now.astimezone(zone_of(decision.region))
    try:
        outcome = await _judge(reading, decision, local)
    except ChildFailed as error:
        log.warning("a decision could not be judged", decision=str(decision.id), error=str(error))
        outcome = None
    async with sessions.begin() as session:
        await open_all_rows(session)
        if outcome is None:  # it keeps what it had, and holds up no other
            await run(session, _PUT_OFF, region=decision.region, id=decision.id, now=local)
        else:
            await _keep(session, decision, outcome, local)
    return True


async def _judge(reading: Sessions, decision: DecisionRow, local: datetime) -> _Outcome:
    """By the best comparison that there is."""
    assert decision.started_on is not None
    if weeks_after(decision.started_on, local.date()) < LEAST_WEEKS:
        return _Outcome(None, "too_early")
    for compared in comparisons_of(decision, local.date()):
        weeks = await _read(reading, decision, compared, local)
        if weeks is None:
            continue
        found = await ask(weeks.asked)
        if isinstance(found, Found):
            others = [Other(weeks.keys[each.row], each.share) for each in found.others]
            return _Outcome(Judgement(decision.started_on, found, compared.dimension, others), None)
        if found != "nothing_comparable":
            return _Outcome(None, found)
    return _Outcome(None, "nothing_comparable")


async def _read(
    reading: Sessions, decision: DecisionRow, compared: Compared, local: datetime
) -> WeeksOfSeries | None:
    async with reading() as session:
        await open_all_rows(session)
        weeks = await read_weeks(FactStore(session), decision, MEASURES[decision.metric], compared, local)
        return None if weeks is None else await leave_decided_out(session, decision, compared, weeks)


async def _keep(session: AsyncSession, decision: DecisionRow, outcome: _Outcome, local: datetime) -> None:
    found = None if outcome.judgement is None else outcome.judgement.found
    comparison = MEASURES[decision.metric].comparison
    upwards = comparison is not None and comparison.better == "high"
    await run(
        session,
        _KEEP,
        worked=None if found is None else found.worked,
        gain=None if found is None else found.estimate * (1 if upwards else -1),
        judged=None if outcome.judgement is None else JUDGEMENT.dump_json(outcome.judgement).decode(),
        reason=outcome.reason,
        judged_to=local.date(),
        now=local,
        region=decision.region,
        id=decision.id,
        version=decision.version,
    )
