"""Questions to citizens and their replies, kept where the assignment is read: the question sealed, the reply masked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_rows, rows, update_rows
from chassis.outbox import emit
from contracts.intake import AppealClarified
from contracts.routing import ClarificationAsked, ClarificationEnded
from services.routing.assignments.actions.locks import (
    ActionRequest,
    AppealKey,
    LockedAssignment,
    lock_for,
    lock_own,
    lock_unanswered,
)
from services.routing.assignments.actions.transitions import transition
from services.routing.assignments.actions.wording import require_filled
from services.routing.assignments.rules.replies import StoredReply, add_replies, share_out
from services.routing.assignments.rules.statuses import Action
from services.routing.assignments.schemas.acts import Clarify, Leased
from services.routing.assignments.schemas.assignments import AssignmentView
from services.routing.reference.rules.region_settings import RegionSettings
from services.routing.tables.assignments import (
    QUESTION_WORDS,
    Assignment,
    Clarification,
    clarification,
)

_OF_ASSIGNMENTS = """
SELECT c.* FROM routing.clarification c JOIN unnest(:regions::text[], :assignments::uuid[]) AS k(region, assignment_id)
    ON c.region = k.region AND c.assignment_id = k.assignment_id
ORDER BY c.asked_at, c.id
"""


@dataclass(frozen=True, slots=True)
class _Replies:
    region: str
    id: UUID
    replies: list[StoredReply]


async def ask_citizen(session: AsyncSession, request: ActionRequest, body: Clarify) -> AssignmentView:
    """Ask the citizen something; the clock stands still until the citizen answers, or nobody waits for it any more."""
    locked = await lock_own(session, request, Action.CLARIFY, body.lease_token)
    require_filled(body.question, "/question")
    (after,) = await transition(session, [locked], Action.CLARIFY)
    await insert_rows(session, clarification, [_seal_question(session, locked, body.question)])
    await emit(
        session,
        ClarificationAsked(
            **after.event_keys(),
            organisation=locked.organisation,
            question=body.question,
            asked_at=locked.at,
        ),
    )
    return after.show()


async def stop_waiting(session: AsyncSession, request: ActionRequest, body: Leased) -> AssignmentView:
    """Go on without the citizen's reply; a coordinator may say so, too. What the citizen says later is kept as before."""
    if request.coordinates:
        locked = await lock_for(session, request, Action.CLARIFIED)
    else:
        locked = await lock_own(session, request, Action.CLARIFIED, body.lease_token)
    (after,) = await _end_questions(session, [locked])
    return after.show()


async def end_unanswered(session: AsyncSession, limit: int) -> int:
    """The same of questions that nobody has answered within their region's days; how many there were."""
    locked = await lock_unanswered(session, RegionSettings().clarification_days, limit)
    return len(await _end_questions(session, locked))


async def _end_questions(session: AsyncSession, locked: Sequence[LockedAssignment]) -> list[LockedAssignment]:
    ended = await transition(session, locked, Action.CLARIFIED)
    announced = [
        ClarificationEnded(**after.event_keys(), organisation=after.organisation, ended_at=before.at)
        for before, after in zip(locked, ended, strict=True)
    ]
    await emit(session, *announced)
    return ended


def _seal_question(session: AsyncSession, locked: LockedAssignment, question: str) -> Clarification:
    question_id: UUID = uuid7()
    return Clarification(
        region=locked.assignment.region,
        id=question_id,
        assignment_id=locked.assignment.id,
        appeal_id=locked.assignment.appeal_id,
        organisation_id=locked.organisation.id,
        asked_at=locked.at,
        replies=[],
        **QUESTION_WORDS.seal(session, question_id, {"question": question}),
    )


async def record_replies(
    session: AsyncSession,
    locked: Sequence[Assignment],
    by_appeal: Mapping[AppealKey, Sequence[AppealClarified]],
) -> set[UUID]:
    """Keep what citizens said with the last question before it, also when that is answered already; the assignments, of those
    that are locked, that have more to read now."""
    regions, ids = [each.region for each in locked], [each.id for each in locked]
    found = await rows(session, Clarification, _OF_ASSIGNMENTS, regions=regions, assignments=ids)
    by_assignment: dict[UUID, list[Clarification]] = defaultdict(list)
    for each in found:
        by_assignment[each.assignment_id].append(each)
    written = {
        id: replied
        for id, asked in by_assignment.items()
        if (replied := _add_replies(asked, by_appeal[asked[0].region, asked[0].appeal_id]))
    }
    await update_rows(session, clarification, list(chain(*written.values())), keys=("region", "id"))
    return set(written)


def _add_replies(asked: Sequence[Clarification], events: Sequence[AppealClarified]) -> list[_Replies]:
    """Of one assignment's questions those to which there is more than was known."""
    replies: list[StoredReply] = [
        {"at": event.clarified_at.isoformat(), "text": event.text} for event in events
    ]
    shares = share_out([each.asked_at for each in asked], replies)
    replied = [
        _Replies(each.region, each.id, add_replies(each.replies, share))
        for each, share in zip(asked, shares, strict=True)
    ]
    return [after for before, after in zip(asked, replied, strict=True) if after.replies != before.replies]
