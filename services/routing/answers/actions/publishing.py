"""An answer becomes the citizen's: status, event, and what other answers are compared with."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows
from chassis.outbox import emit
from contracts.routing import AssignmentAnswered, AssignmentInterimAnswered
from services.routing.answers.actions.drafts import Draft
from services.routing.answers.rules.alike import bands_of
from services.routing.assignments.actions.labels import record_redirect
from services.routing.assignments.actions.locks import LockedAssignment
from services.routing.assignments.actions.transitions import transition
from services.routing.assignments.rules.statuses import Action
from services.routing.tables.answers import AnswerBand, AnswerVerdict, answer_band, answer_verdict


async def publish_answer(
    session: AsyncSession, locked: LockedAssignment, action: Action, draft: Draft
) -> LockedAssignment:
    """Carry out the action of an answer that is stored already, and announce it: at this moment it is given."""
    (after,) = await transition(session, [locked], action)
    if draft.outcome is None:
        await emit(session, _interim_event(after, draft))
        return after
    await record_redirect(session, locked)
    await _remember(session, after, draft)
    await emit(
        session,
        AssignmentAnswered(
            **after.event_keys(),
            answer_id=draft.id,
            organisation=locked.organisation,
            outcome=draft.outcome,
            text=draft.text,
            promised_on=draft.promised_on,
            cycle=locked.assignment.cycle,
            answered_at=locked.at,
        ),
    )
    return after


def _interim_event(after: LockedAssignment, draft: Draft) -> AssignmentInterimAnswered:
    return AssignmentInterimAnswered(
        **after.event_keys(),
        answer_id=draft.id,
        organisation=after.organisation,
        text=draft.text,
        promised_on=draft.promised_on,
        answered_at=after.at,
    )


async def _remember(session: AsyncSession, after: LockedAssignment, draft: Draft) -> None:
    given = after.assignment
    assert given.organisation_id is not None
    verdict = AnswerVerdict(
        given.region, draft.id, given.id, given.organisation_id, after.at, score=None, reopened=False
    )
    await insert_rows(session, answer_verdict, [verdict])
    bands = [
        AnswerBand(given.region, given.organisation_id, band, draft.id, given.id, given.appeal_id)
        for band in sorted(set(bands_of(draft.text)))
    ]
    await insert_rows(session, answer_band, bands)
