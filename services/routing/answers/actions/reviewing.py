"""Answers that wait: a coordinator approves or returns them, another person of the organisation signs them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, update_rows
from chassis.outbox import emit
from chassis.principals import Principal
from chassis.problems import Forbidden, NotAllowedNow, NotFound
from contracts.routing import AnswerReturned, AnswerSigned, Outcome
from services.routing.answers.actions.drafts import Draft
from services.routing.answers.actions.publishing import publish_answer
from services.routing.answers.queries.answers import read_answer
from services.routing.answers.schemas.reviews import AnswerDetails, Review
from services.routing.assignments.actions.locks import (
    ActionRequest,
    LockedAssignment,
    lock_appeals,
    lock_for,
)
from services.routing.assignments.actions.transitions import transition
from services.routing.assignments.rules.local_days import local_day
from services.routing.assignments.rules.signing import Hand
from services.routing.assignments.rules.statuses import RETURNED_TO, Action, is_allowed
from services.routing.tables.answers import REVIEW_WORDS, AnswerReview, answer_review
from services.routing.tables.assignments import ANSWER_WORDS, Answer, answer

_FIND = "SELECT * FROM routing.answer_review WHERE region = ANY(:regions::text[]) AND answer_id = :id"
_LOCK = "SELECT * FROM routing.answer_review WHERE region = :region AND answer_id = :id FOR UPDATE"
_ANSWER = "SELECT * FROM routing.answer WHERE region = :region AND id = :id"


@dataclass(frozen=True, slots=True)
class _Decision:
    """What changes in a review."""

    region: str
    answer_id: UUID
    state: str
    reviewer: UUID | None
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class _Signing:
    region: str
    answer_id: UUID
    state: str
    signer: UUID


@dataclass(frozen=True, slots=True)
class _Given:
    """When an answer became the citizen's."""

    region: str
    id: UUID
    answered_at: datetime


async def review_answer(
    session: AsyncSession, principal: Principal, answer_id: UUID, expected_version: int, body: Review
) -> AnswerDetails:
    """Approve it, and it is the citizen's; or return it with reasons. 403 for who gave it, 409 when it does not wait."""
    found = await _find(session, principal, answer_id)
    if principal.client_id == found.client_id or _is_same_person(principal, found.person):
        raise Forbidden("Whoever gave the answer does not review it.")
    request = ActionRequest(principal, found.assignment_id, expected_version)
    locked = await lock_for(session, request, Action.RETURN)
    review = await _lock(session, found)
    if body.decision == "return":
        await _return(session, principal, locked, review, body)
    else:
        await _approve(session, principal, locked, review)
    return await read_answer(session, principal, answer_id)


async def sign_answer(session: AsyncSession, principal: Principal, answer_id: UUID) -> AnswerDetails:
    """The second signature: by another person of the same organisation (403), while it is waited for (409).

    Who gave an answer through a system that names nobody may be anybody who works with that system: such an answer is signed
    through another client.
    """
    organisation = principal.organisation
    found = await _find(session, principal, answer_id)
    if found.organisation_id != organisation:
        raise NotFound
    if principal.person is None:
        raise Forbidden("An answer is signed by a person; this token names none.")
    signer, writer = Hand(principal.person, principal.client_id), Hand(found.person, found.client_id)
    if not signer.may_sign_for(writer):
        raise Forbidden("Another person than who gave the answer signs it.")
    locked = await _lock_assignment(session, found)
    review = await _lock(session, found)
    if review.state != "signature":
        raise NotAllowedNow("The answer waits for no signature.")
    await _sign(session, principal.person, locked, review)
    return await read_answer(session, principal, answer_id)


def _is_same_person(principal: Principal, person: UUID | None) -> bool:
    return person is not None and principal.person == person


async def _find(session: AsyncSession, principal: Principal, answer_id: UUID) -> AnswerReview:
    found = await row(session, AnswerReview, _FIND, regions=principal.regions_within(), id=answer_id)
    if found is None:
        raise NotFound
    return found


async def _lock(session: AsyncSession, found: AnswerReview) -> AnswerReview:
    """Under the lock of its assignment, so that one decision is made; 409 when there is one."""
    review = await row(session, AnswerReview, _LOCK, region=found.region, id=found.answer_id)
    assert review is not None
    if review.state not in {"waiting", "signature"}:
        raise NotAllowedNow("The answer is {state}.", values={"state": review.state})
    return review


async def _lock_assignment(session: AsyncSession, review: AnswerReview) -> LockedAssignment:
    of_appeal = await lock_appeals(session, [(review.region, review.appeal_id)])
    locked = next(each for each in of_appeal if each.assignment.id == review.assignment_id)
    if not is_allowed(Action.SIGN, locked.assignment.status):
        raise NotAllowedNow("Not in status {status}.", values={"status": locked.assignment.status})
    return locked


async def _approve(
    session: AsyncSession, principal: Principal, locked: LockedAssignment, review: AnswerReview
) -> None:
    if review.state == "signature":
        raise NotAllowedNow("The answer waits for a second signature.")
    await _decide(session, principal, locked, review, "approved")
    await _publish(session, locked, review)


async def _decide(
    session: AsyncSession, principal: Principal, locked: LockedAssignment, review: AnswerReview, state: str
) -> None:
    decision = _Decision(review.region, review.answer_id, state, principal.person, locked.at)
    await update_rows(session, answer_review, [decision], keys=("region", "answer_id"))


async def _publish(session: AsyncSession, locked: LockedAssignment, review: AnswerReview) -> None:
    """It is given now, not when it was written: that is when the citizen gets it. 409 for a promise whose day is over."""
    stored = await row(session, Answer, _ANSWER, region=review.region, id=review.answer_id)
    assert stored is not None
    today = local_day(locked.at, locked.assignment.region, locked.assignment.municipality)
    if stored.promised_on is not None and stored.promised_on < today:
        raise NotAllowedNow("The promised day is over: the answer can only be returned.")
    text = ANSWER_WORDS.open(session, stored)["text"] or ""
    given = _Given(review.region, review.answer_id, locked.at)
    await update_rows(session, answer, [given], keys=("region", "id"))
    draft = Draft(stored.id, text, stored.outcome, stored.promised_on)
    await publish_answer(session, locked, _approval_of(stored.outcome), draft)


def _approval_of(outcome: Outcome | None) -> Action:
    if outcome is None:
        return Action.APPROVE_INTERIM
    return Action.APPROVE_POSTPONED if outcome == "postponed" else Action.APPROVE


async def _return(
    session: AsyncSession,
    principal: Principal,
    locked: LockedAssignment,
    review: AnswerReview,
    body: Review,
) -> None:
    reasons = "\n".join(body.reasons)
    checks = REVIEW_WORDS.open(session, review)["checks"]
    sealed = REVIEW_WORDS.seal(session, review.answer_id, {"checks": checks, "reasons": reasons})
    key = {"region": review.region, "answer_id": review.answer_id}
    await update_rows(session, answer_review, [key | sealed], keys=("region", "answer_id"))
    await _decide(session, principal, locked, review, "returned")
    back = RETURNED_TO[review.status_before]
    (after,) = await transition(session, [locked], Action.RETURN, [{"status": back}])
    await emit(
        session,
        AnswerReturned(
            **after.event_keys(),
            answer_id=review.answer_id,
            organisation=after.organisation,
            checks=tuple(review.found),
            reasons=reasons,
            returned_at=locked.at,
        ),
    )


async def _sign(session: AsyncSession, person: UUID, locked: LockedAssignment, review: AnswerReview) -> None:
    state = "waiting" if review.needs_review else "approved"
    signing = _Signing(review.region, review.answer_id, state, person)
    await update_rows(session, answer_review, [signing], keys=("region", "answer_id"))
    (signed,) = await transition(session, [locked], Action.SIGN)
    await emit(
        session,
        AnswerSigned(
            **signed.event_keys(),
            answer_id=review.answer_id,
            organisation=signed.organisation,
            signed_at=locked.at,
        ),
    )
    if not review.needs_review:
        await _publish(session, signed, review)
