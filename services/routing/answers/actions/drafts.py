"""An answer as it was sent: kept sealed, and checked with knowledge of the question and of the organisation's others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Self
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_rows
from contracts.routing import Outcome
from services.routing.answers.queries.checks import Inspection, inspect
from services.routing.answers.rules.checks.findings import Finding
from services.routing.answers.rules.signatures import read_signature
from services.routing.answers.schemas.reviews import SignedAnswer
from services.routing.assignments.actions.answers import seal_answer
from services.routing.assignments.actions.locks import LockedAssignment
from services.routing.assignments.rules.statuses import Action
from services.routing.assignments.schemas.acts import Interim
from services.routing.attachments.actions import GivenWith, attach
from services.routing.tables.answers import AnswerSignature, answer_signature
from services.routing.tables.assignments import Assignment, answer


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer that nobody has seen yet; an interim one without an outcome."""

    id: UUID
    text: str
    outcome: Outcome | None
    promised_on: date | None
    signature: bytes | None = None
    files: tuple[UUID, ...] = ()

    @classmethod
    def of_answer(cls, body: SignedAnswer, files: tuple[UUID, ...], text: str) -> Self:
        """An answer that closes the question; `text`: with its places filled."""
        signature = read_signature(body.signature) if body.signature else None
        return cls(uuid7(), text, body.outcome, body.promised_on, signature, files)

    @classmethod
    def of_interim(cls, body: Interim, files: tuple[UUID, ...]) -> Self:
        """A plan."""
        return cls(uuid7(), body.text, None, body.promised_on, files=files)


def action_for(outcome: Outcome | None) -> Action:
    """What giving such an answer is."""
    if outcome is None:
        return Action.INTERIM
    return Action.POSTPONE if outcome == "postponed" else Action.ANSWER


async def store_draft(session: AsyncSession, locked: LockedAssignment, draft: Draft, client_id: str) -> None:
    """Keep the text sealed, and the files and the signature that came with it."""
    sealed = seal_answer(
        session,
        locked.assignment,
        draft.id,
        draft.text,
        outcome=draft.outcome,
        promised_on=draft.promised_on,
        cycle=locked.assignment.cycle,
        client_id=client_id,
        answered_at=locked.at,
    )
    await insert_rows(session, answer, [sealed])
    await attach(session, [GivenWith(draft.id, locked)], draft.files)
    if draft.signature is None:
        return
    assignment = locked.assignment
    assert assignment.organisation_id is not None
    kept = AnswerSignature(
        assignment.region, draft.id, assignment.id, assignment.organisation_id, draft.signature
    )
    await insert_rows(session, answer_signature, [kept])


async def check_draft(session: AsyncSession, assignment: Assignment, draft: Draft) -> list[Finding]:
    """What the checks find in an answer to this assignment."""
    return await inspect(
        session,
        Inspection(
            region=assignment.region,
            text=draft.text,
            outcome=draft.outcome,
            question=assignment.words().text,
            promised_on=draft.promised_on,
            organisation_id=assignment.organisation_id,
            appeal_id=assignment.appeal_id,
            attachments=draft.files,
        ),
    )
