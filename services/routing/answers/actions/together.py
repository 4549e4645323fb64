"""One answer to many questions at once: every citizen gets a copy of their own, all of them in a handful of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_rows
from chassis.outbox import emit
from contracts.routing import AssignmentAnswered, Outcome
from services.routing.answers.actions.drafts import action_for
from services.routing.assignments.actions.answers import seal_answer
from services.routing.assignments.actions.locks import LockedAssignment
from services.routing.assignments.actions.transitions import transition
from services.routing.assignments.rules.placeholders import fill_places
from services.routing.attachments.actions import GivenWith, attach
from services.routing.tables.answers import AnswerVerdict, answer_verdict
from services.routing.tables.assignments import Answer, answer


@dataclass(frozen=True, slots=True)
class CommonAnswer:
    """What an organisation answers to many questions; in `text`, `{number}` stands for the number of each appeal.

    `client_id`: who gave it; `files`: with which attachments. `incident_id`, `work_id`: what it answers as a whole.
    """

    text: str
    outcome: Outcome
    promised_on: date | None
    client_id: str
    incident_id: UUID | None = None
    work_id: UUID | None = None
    files: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class _Copy:
    """The answer to one of the questions."""

    id: UUID
    to: LockedAssignment
    text: str


async def answer_together(
    session: AsyncSession, locked: Sequence[LockedAssignment], given: CommonAnswer
) -> list[LockedAssignment]:
    """Answer all of them without review; how they are then.

    Every one of the locked assignments is with its organisation and may be answered now. Such copies are not what later
    answers are compared with: they are alike for a reason. Nor do they say that the organisation is
    competent for what each text asks: nothing is learned from them.
    """
    copies = [
        _Copy(uuid7(), each, fill_places(given.text, {"number": each.assignment.number})) for each in locked
    ]
    await insert_rows(session, answer, [_sealed(session, each, given) for each in copies])
    await attach(session, [GivenWith(each.id, each.to) for each in copies], given.files)
    moved = await transition(session, locked, action_for(given.outcome))
    await insert_rows(session, answer_verdict, [_verdict(each) for each in copies])
    await emit(session, *(_answered(copy, after, given) for copy, after in zip(copies, moved, strict=True)))
    return moved


def _sealed(session: AsyncSession, copy: _Copy, given: CommonAnswer) -> Answer:
    return seal_answer(
        session,
        copy.to.assignment,
        copy.id,
        copy.text,
        outcome=given.outcome,
        promised_on=given.promised_on,
        cycle=copy.to.assignment.cycle,
        client_id=given.client_id,
        answered_at=copy.to.at,
    )


def _verdict(copy: _Copy) -> AnswerVerdict:
    assignment = copy.to.assignment
    assert assignment.organisation_id is not None
    return AnswerVerdict(
        assignment.region,
        copy.id,
        assignment.id,
        assignment.organisation_id,
        copy.to.at,
        score=None,
        reopened=False,
    )


def _answered(copy: _Copy, after: LockedAssignment, given: CommonAnswer) -> AssignmentAnswered:
    return AssignmentAnswered(
        **after.event_keys(),
        answer_id=copy.id,
        organisation=copy.to.organisation,
        outcome=given.outcome,
        text=copy.text,
        promised_on=given.promised_on,
        cycle=copy.to.assignment.cycle,
        answered_at=copy.to.at,
        incident_id=given.incident_id,
        work_id=given.work_id,
    )
