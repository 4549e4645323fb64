"""Assignments as organisations and coordinators see them: one with its reasons and answers, triage; answers in full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, rows
from chassis.principals import Principal
from chassis.problems import NotFound
from services.routing.assignments.rules.statuses import UNREADABLE, is_with
from services.routing.assignments.schemas.assignments import (
    AnswerView,
    AssignmentDetails,
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
_ANSWERS = "SELECT * FROM routing.answer WHERE region = :region AND assignment_id = :id ORDER BY id"
_REQUESTS = (
    "SELECT * FROM routing.document_request WHERE region = :region AND assignment_id = :id ORDER BY id"
)
_CLARIFICATIONS = (
    "SELECT * FROM routing.clarification WHERE region = :region AND assignment_id = :id ORDER BY id"
)
_ANSWER = """
SELECT w.*, r.client_id AS submitted_by FROM routing.answer w
LEFT JOIN routing.routed_appeal r ON r.region = w.region AND r.appeal_id = w.appeal_id
WHERE w.region = ANY(:regions::text[]) AND w.id = :id
"""


@dataclass(frozen=True, slots=True)
class _SubmittedAnswer(Answer):
    """With the client that submitted the appeal."""

    submitted_by: str | None


async def read_assignment(
    session: AsyncSession, principal: Principal, assignment_id: UUID
) -> AssignmentDetails:
    """One assignment, why it came where it is, and its answers; 404 when it is not within reach."""
    assignment = await row(
        session, Assignment, _ASSIGNMENT, regions=principal.regions_within(), id=assignment_id
    )
    if assignment is None or (principal.role == "agency" and not _holds(principal, assignment)):
        raise NotFound
    region = assignment.region
    reference = await read_reference(session, region)
    answers = await rows(session, Answer, _ANSWERS, region=region, id=assignment_id)
    requests = await rows(session, DocumentRequest, _REQUESTS, region=region, id=assignment_id)
    asked = await rows(session, Clarification, _CLARIFICATIONS, region=region, id=assignment_id)
    return AssignmentDetails.of(
        assignment,
        reference,
        clarifications=[_show_clarification(session, each) for each in asked],
        answers=[_show_answer(each, ANSWER_WORDS.show(session, each), reference) for each in answers],
        document_requests=[
            DocumentRequestView.model_validate(asdict(each) | DOCUMENT_WORDS.show(session, each))
            for each in requests
        ],
    )


def _show_clarification(session: AsyncSession, asked: Clarification) -> ClarificationView:
    question = QUESTION_WORDS.show(session, asked)["question"] or ""
    return ClarificationView(
        question=question, asked_at=asked.asked_at, text=asked.text, at=asked.received_at
    )


def _holds(principal: Principal, assignment: Assignment) -> bool:
    return is_with(principal.organisation, assignment.organisation_id, assignment.status, gone=UNREADABLE)


async def read_answer(session: AsyncSession, principal: Principal, answer_id: UUID) -> AnswerView:
    """For the portal that submitted the appeal, the organisation that answered, and coordinators; 404 for others."""
    answer = await row(session, _SubmittedAnswer, _ANSWER, regions=principal.regions_within(), id=answer_id)
    if answer is None or not _may_read(principal, answer):
        raise NotFound
    reference = await read_reference(session, answer.region)
    return _show_answer(answer, ANSWER_WORDS.open(session, answer), reference)


def _may_read(principal: Principal, answer: _SubmittedAnswer) -> bool:
    if principal.role == "portal":
        return answer.submitted_by == principal.client_id
    return principal.role != "agency" or answer.organisation_id == principal.organisation


def _show_answer(answer: Answer, words: Mapping[str, str | None], reference: RegionReference) -> AnswerView:
    organisation = OrganisationRef.of(answer.organisation_id, reference)
    return AnswerView.model_validate({**asdict(answer), **words, "organisation": organisation})
