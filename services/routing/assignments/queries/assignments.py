"""Assignments as organisations and coordinators see them: one with its reasons and answers, triage; answers in full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, rows
from chassis.principals import Principal
from chassis.problems import NotFound
from services.routing.assignments.rules.replies import join_texts, moment_of
from services.routing.assignments.rules.signing import Hand
from services.routing.assignments.rules.statuses import UNREADABLE, is_with
from services.routing.assignments.schemas.assignments import (
    AnswerState,
    AnswerView,
    AssignmentDetails,
    AwaitedBy,
    ClarificationView,
)
from services.routing.assignments.schemas.assignments import DocumentRequest as DocumentRequestView
from services.routing.reference.queries.cache import read_reference
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.schemas.organisations import OrganisationRef
from services.routing.tables.assignments import (
    ANSWER_WORDS,
    DOCUMENT_WORDS,
    QUESTION_WORDS,
    Answer,
    Assignment,
    Clarification,
    DocumentRequest,
)

_ASSIGNMENT = "SELECT * FROM routing.assignment WHERE region = ANY(:regions::text[]) AND id = :id"
_ANSWERS = """
SELECT w.*, v.state AS review_state, v.person AS given_by, v.client_id AS given_through FROM routing.answer w
LEFT JOIN routing.answer_review v ON v.region = w.region AND v.answer_id = w.id
WHERE w.region = :region AND w.assignment_id = :id ORDER BY w.id
"""
_REQUESTS = (
    "SELECT * FROM routing.document_request WHERE region = :region AND assignment_id = :id ORDER BY id"
)
_CLARIFICATIONS = (
    "SELECT * FROM routing.clarification WHERE region = :region AND assignment_id = :id ORDER BY id"
)
_STATES: Final[Mapping[str | None, AnswerState]] = {
    None: "published",
    "approved": "published",
    "returned": "returned",
    "ended": "ended",
}


_AWAITED: Final[Mapping[str | None, AwaitedBy]] = {"waiting": "review", "signature": "signature"}


@dataclass(frozen=True, slots=True)
class GivenAnswer(Answer):
    """With the state of its review, and who gave it; null when it went out at once."""

    review_state: str | None
    given_by: UUID | None
    given_through: str | None

    def may_be_signed_by(self, principal: Principal) -> bool:
        """Whether it waits for a second signature, and this one may give it."""
        if self.review_state != "signature" or principal.organisation_id != self.organisation_id:
            return False
        writer = Hand(self.given_by, self.given_through)
        return principal.role == "agency" and Hand(principal.person, principal.client_id).may_sign_for(writer)


async def find_assignment(session: AsyncSession, principal: Principal, assignment_id: UUID) -> Assignment:
    """One assignment; 404 when it is not within reach."""
    assignment = await row(
        session, Assignment, _ASSIGNMENT, regions=principal.regions_within(), id=assignment_id
    )
    if assignment is None or (principal.role == "agency" and not _holds(principal, assignment)):
        raise NotFound
    return assignment


async def read_assignment(
    session: AsyncSession, principal: Principal, assignment_id: UUID
) -> AssignmentDetails:
    """One assignment, why it came where it is, and its answers; 404 when it is not within reach."""
    assignment = await find_assignment(session, principal, assignment_id)
    region = assignment.region
    reference = await read_reference(session, region)
    answers = await rows(session, GivenAnswer, _ANSWERS, region=region, id=assignment_id)
    requests = await rows(session, DocumentRequest, _REQUESTS, region=region, id=assignment_id)
    asked = await rows(session, Clarification, _CLARIFICATIONS, region=region, id=assignment_id)
    return AssignmentDetails.of(
        assignment,
        reference,
        clarifications=[_show_clarification(session, each) for each in asked],
        answers=[
            show_answer(each, ANSWER_WORDS.show(session, each), reference, principal) for each in answers
        ],
        document_requests=[
            DocumentRequestView.model_validate(asdict(each) | DOCUMENT_WORDS.show(session, each))
            for each in requests
        ],
    )


def _show_clarification(session: AsyncSession, asked: Clarification) -> ClarificationView:
    question = QUESTION_WORDS.show(session, asked)["question"] or ""
    replies = asked.replies
    return ClarificationView(
        question=question,
        asked_at=asked.asked_at,
        text=join_texts(each["text"] for each in replies) if replies else None,
        at=moment_of(replies[-1]) if replies else None,
    )


def _holds(principal: Principal, assignment: Assignment) -> bool:
    return is_with(principal.organisation, assignment.organisation_id, assignment.status, gone=UNREADABLE)


def show_answer(
    answer: GivenAnswer, words: Mapping[str, str | None], reference: RegionReference, principal: Principal
) -> AnswerView:
    """An answer with its words; whether it has gone out, or whose turn it is, follows from the state of its review."""
    organisation = OrganisationRef.of(answer.organisation_id, reference)
    shown = {
        "organisation": organisation,
        "state": _STATES.get(answer.review_state, "in_review"),
        "waits_for": _AWAITED.get(answer.review_state),
        "may_sign": answer.may_be_signed_by(principal),
    }
    return AnswerView.model_validate({**asdict(answer), **words, **shown})
