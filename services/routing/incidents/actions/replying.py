"""The answer to an incident is given to its appeals, a batch in a transaction: whoever is cut off goes on where it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import ACTING_PERSON, insert_rows, row, run, scalar
from chassis.sealing import SealBroken
from services.routing.answers.actions.drafts import action_for
from services.routing.answers.actions.together import CommonAnswer, answer_together
from services.routing.assignments.actions.locks import LockedAssignment, lock_assignments
from services.routing.assignments.rules.local_days import local_day
from services.routing.incidents.actions.announcing import announce
from services.routing.incidents.actions.gathering import question_of
from services.routing.incidents.actions.journal import recount
from services.routing.incidents.actions.locking import lock_incidents
from services.routing.incidents.actions.moving import give_to_lead
from services.routing.incidents.queries.waiting import next_waiting
from services.routing.incidents.rules.replying import answerable, is_reached
from services.routing.tables.incident_acts import (
    INCIDENT_ANSWER_WORDS,
    IncidentAnswer,
    IncidentReply,
    incident_reply,
)

log = structlog.get_logger()
AT_ONCE: Final = 200
# Sealing a copy takes a third of a millisecond: whoever else is served comes between.
_TOGETHER: Final = 50
# The one that has waited longest, so that a great incident holds up no other.
_NEXT = """
SELECT * FROM routing.incident_answer WHERE finished_at IS NULL AND progressed_at <= clock_timestamp()
ORDER BY progressed_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
"""
_PROGRESS = """
UPDATE routing.incident_answer SET done = done + :answered, expected = greatest(expected, done + :answered),
    progressed_at = clock_timestamp(), (passed_at, passed_id) = (
        SELECT r.received_at, r.assignment_id FROM routing.incident_report r
        WHERE r.region = :region AND r.assignment_id = :last
    )
WHERE region = :region AND incident_id = :incident
"""
_SET_ASIDE = """
UPDATE routing.incident_answer SET progressed_at = clock_timestamp() + interval '10 minutes'
WHERE region = :region AND incident_id = :incident
"""
_START_AGAIN = """
UPDATE routing.incident_answer SET passed_at = NULL, passed_id = NULL WHERE region = :region AND incident_id = :incident
"""
_FINISH = """
UPDATE routing.incident_answer SET expected = done, finished_at = clock_timestamp()
WHERE region = :region AND incident_id = :incident
"""
_CLOSE = """
UPDATE routing.incident SET status = 'closed', answered_at = clock_timestamp(), version = version + 1
WHERE region = :region AND id = :incident
"""
_TAKE_BACK = "DELETE FROM routing.incident_answer WHERE region = :region AND incident_id = :incident"
_STANDS_OPEN = "UPDATE routing.incident SET version = version + 1 WHERE region = :region AND id = :incident"
_CLEAR = "DELETE FROM routing.incident_reply WHERE region = :region AND incident_id = :incident"


async def reply_some(session: AsyncSession) -> bool:
    """Give an answer to some of its appeals, or end it when it has come to all; False when none is being given."""
    given = await row(session, IncidentAnswer, _NEXT)
    if given is None:
        return False
    if await _is_over(session, given):
        await _take_back(session, given)
        return True
    key = {"region": given.region, "incident": given.incident_id}
    try:
        common = _common(session, given)
    except SealBroken as error:
        # Until its key is there again; the others' citizens do not wait for it.
        log.error(
            "an incident's answer cannot be opened", incident=str(given.incident_id), problem=str(error)
        )
        await run(session, _SET_ASIDE, **key)
        return True
    waiting = await _waiting(session, given)
    if waiting:
        answered = await _reply(session, given, common, waiting)
        await run(session, _PROGRESS, **key, answered=answered, last=waiting[-1])
    elif given.passed_id is not None:
        # Who has joined meanwhile, or was with somebody else for a moment, may stand before where we are.
        await run(session, _START_AGAIN, **key)
    else:
        await _finish(session, given)
    return True


async def _is_over(session: AsyncSession, given: IncidentAnswer) -> bool:
    """Whether the day that it promises has passed: its key was away for days, or this service was."""
    if given.promised_on is None:
        return False
    now = await scalar(session, datetime, "SELECT clock_timestamp()")
    assert now is not None
    return given.promised_on < local_day(now, given.region, None)


async def _take_back(session: AsyncSession, given: IncidentAnswer) -> None:
    """Who has been answered has their answer; for the others the lead may answer the incident anew."""
    log.warning("an incident's answer promises a day that is over", incident=str(given.incident_id))
    await lock_incidents(session, given.region)
    await _settle(session, given, _STANDS_OPEN, _TAKE_BACK, _CLEAR)


async def _waiting(session: AsyncSession, given: IncidentAnswer) -> list[UUID]:
    return await next_waiting(session, given, answerable(action_for(given.outcome)), AT_ONCE)


async def _reply(
    session: AsyncSession, given: IncidentAnswer, common: CommonAnswer, waiting: Sequence[UUID]
) -> int:
    action = action_for(given.outcome)
    session.info[ACTING_PERSON] = given.person
    locked = [
        each
        for each in await lock_assignments(session, [(given.region, id) for id in waiting])
        if each.assignment.status in answerable(action)
    ]
    reached = [
        each
        for each in locked
        if is_reached(
            question_of(each),
            given.organisation_id,
            action,
            each.region_reference,
            statutory=each.assignment.regime == "statutory",
        )
    ]
    ready = await _with_lead(session, reached, given)
    for start in range(0, len(ready), _TOGETHER):
        await answer_together(session, ready[start : start + _TOGETHER], common)
    answered = {each.assignment.id for each in reached}
    replies = [
        IncidentReply(given.region, given.incident_id, each.assignment.id, each.assignment.id in answered)
        for each in locked
    ]
    await insert_rows(session, incident_reply, replies)
    return len(reached)


async def _with_lead(
    session: AsyncSession, reached: Sequence[LockedAssignment], given: IncidentAnswer
) -> list[LockedAssignment]:
    """What others hold, and what waits in triage, is the lead's before it answers."""
    moves = await give_to_lead(session, reached, given.organisation_id, over_lease=True)
    moved = {each.after.assignment.id: each.after for each in moves.moved}
    return [moved.get(each.assignment.id, each) for each in reached]


def _common(session: AsyncSession, given: IncidentAnswer) -> CommonAnswer:
    return CommonAnswer(
        text=INCIDENT_ANSWER_WORDS.open(session, given)["text"] or "",
        outcome=given.outcome,
        promised_on=given.promised_on,
        client_id=given.client_id,
        incident_id=given.incident_id,
        files=tuple(map(UUID, given.attachments)),
    )


async def _finish(session: AsyncSession, given: IncidentAnswer) -> None:
    """Nothing joins while the region's incidents are locked: then nobody is left out."""
    await lock_incidents(session, given.region)
    if await _waiting(session, given):
        return
    await _settle(session, given, _CLOSE, _FINISH, _CLEAR)


async def _settle(session: AsyncSession, given: IncidentAnswer, *statements: str) -> None:
    for statement in statements:
        await run(session, statement, region=given.region, incident=given.incident_id)
    await announce(session, await recount(session, given.region, [given.incident_id]))
