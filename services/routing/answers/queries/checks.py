"""What the automatic checks find in a text, with knowledge of the question and of the organisation's other answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.principals import Principal
from contracts.routing import Outcome
from services.routing.answers.queries.repetitions import is_repeated
from services.routing.answers.rules.checks.findings import CheckedAnswer, Finding
from services.routing.answers.rules.checks.inspection import inspect_answer
from services.routing.answers.rules.passages import read_passage
from services.routing.answers.schemas.checks import AnswerCheck, CheckedText
from services.routing.assignments.queries.assignments import find_assignment
from services.routing.attachments.queries import was_seen_before
from services.routing.tables.assignments import Assignment


@dataclass(frozen=True, slots=True)
class Inspection:
    """A text to check, and the files that are given with it. `organisation_id`: whose other answers it is compared with, those to
    `appeal_id` left out."""

    region: str
    text: str
    outcome: Outcome | None
    question: str | None
    promised_on: date | None
    attachments: Sequence[UUID] = ()
    organisation_id: UUID | None = None
    appeal_id: UUID | None = None


async def check_answer(session: AsyncSession, principal: Principal, body: AnswerCheck) -> CheckedText:
    """403 for a region out of scope, 404 for an assignment out of reach."""
    principal.require_region(body.region)
    assignment = None
    if body.assignment_id is not None:
        assignment = await find_assignment(session, principal, body.assignment_id)
    return CheckedText.of(await inspect(session, _inspection(principal, body, assignment)))


def _inspection(principal: Principal, body: AnswerCheck, assignment: Assignment | None) -> Inspection:
    organisation_id = principal.organisation_id
    if organisation_id is None and assignment is not None:
        organisation_id = assignment.organisation_id
    return Inspection(
        region=body.region,
        text=body.text,
        outcome=body.outcome,
        question=body.question or (assignment.words().text if assignment else None),
        promised_on=body.promised_on,
        attachments=body.attachments or (),
        organisation_id=organisation_id,
        appeal_id=assignment.appeal_id if assignment else None,
    )


async def inspect(session: AsyncSession, asked: Inspection) -> list[Finding]:
    """What the checks find. In a thread: the words of a long text are looked up for some milliseconds."""
    repeated = asked.organisation_id is not None and await is_repeated(
        session, asked.region, asked.organisation_id, asked.appeal_id, asked.text
    )
    seen = (
        asked.organisation_id is not None
        and bool(asked.attachments)
        and await was_seen_before(
            session, asked.region, asked.organisation_id, asked.appeal_id, asked.attachments
        )
    )
    return await asyncio.to_thread(_inspect, asked, is_repeated=repeated, has_repeated_photo=seen)


def _inspect(asked: Inspection, *, is_repeated: bool, has_repeated_photo: bool) -> list[Finding]:
    question = read_passage(asked.question) if asked.question else None
    return inspect_answer(
        CheckedAnswer(
            read_passage(asked.text),
            asked.outcome,
            question,
            asked.promised_on,
            len(asked.attachments),
            is_repeated,
            has_repeated_photo,
        )
    )
