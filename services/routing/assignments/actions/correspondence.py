"""Stopping correspondence about a question that was answered repeatedly (59-ФЗ ст. 11 ч. 5)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from chassis.principals import Principal
from chassis.problems import NotAllowedNow
from services.routing.assignments.actions.appeal_changes import AppealEnd, cancel_open
from services.routing.assignments.actions.locks import lock_appeal
from services.routing.assignments.rules.correspondence import GivenAnswer, may_stop
from services.routing.assignments.schemas.acts import CorrespondenceStopped, StopCorrespondence

_ANSWERS = """
SELECT w.assignment_id, w.organisation_id, w.cycle, w.outcome FROM routing.answer w
LEFT JOIN routing.answer_review v ON v.region = w.region AND v.answer_id = w.id
WHERE w.region = :region AND w.assignment_id = ANY(:assignments::uuid[])
    AND (v.state IS NULL OR v.state = 'approved')  -- what waits or was returned is not the citizen's (ADR 29)
"""
REASON = "Переписка по вопросу прекращена (59-ФЗ, ст. 11 ч. 5)."


async def stop_correspondence(
    session: AsyncSession, principal: Principal, appeal_id: UUID, body: StopCorrespondence
) -> CorrespondenceStopped:
    """End what is open of an appeal; the citizen is notified as of every end. 409 unless one organisation answered it on the
    merits twice, or when nothing is open."""
    appeal = await lock_appeal(session, principal, appeal_id)
    region, at = appeal[0].assignment.region, max(each.at for each in appeal)
    answers = await rows(
        session, GivenAnswer, _ANSWERS, region=region, assignments=[each.assignment.id for each in appeal]
    )
    if not may_stop(answers):
        raise NotAllowedNow("One organisation has to have answered the question on the merits twice.")
    cancelled = await cancel_open(
        session, appeal, {(region, appeal_id): AppealEnd(region, appeal_id, REASON, at)}
    )
    if not cancelled:
        raise NotAllowedNow("No assignment of this appeal is open.")
    return CorrespondenceStopped(appeal_id=appeal_id, stopped_at=at, cancelled=cancelled)
