"""A past case made ready to be stored: registered under its own date, with what the other system knew of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.problems import Unprocessable
from contracts.intake import TakenOver
from services.intake.masking import mask_text
from services.intake.masking.persons import Applicant, mask_words
from services.intake.migration.rules import find_contradictions
from services.intake.migration.schemas import LegacyCase
from services.intake.originals.rules import Secrets
from services.intake.registration.actions.preparing import (
    EXTERNAL_ID,
    Submission,
    columns_of,
    make_key,
    seal_submission,
)

KEY = "key"  # of the case, beside the fields of `AppealImported`
NO_TEXT = "Текст обращения не перенесён из прежней системы."


def prepare_import(
    secrets: Secrets,
    case: LegacyCase,
    *,
    client_id: str,
    import_id: UUID,
    now: datetime,
    traceparent: str | None = None,
) -> Submission:
    """Seal and hash outside of the transaction. 422 for dates that contradict each other."""
    errors = find_contradictions(
        case.received_at, case.accepted_at, case.closed_at, now, case.organisation, case.answer
    )
    if case.promised_on is not None and case.outcome != "postponed":
        errors.append({"pointer": "/promised_on", "message": "belongs to a postponed answer"})
    if errors:
        raise Unprocessable("See errors.", errors=errors)
    sent = case.model_dump(mode="json", exclude_unset=True)
    key = make_key(secrets, EXTERNAL_ID, client_id, case.external_id)
    past = {**_past_of(case, now), "import_id": import_id, KEY: key.hash.hex()}
    return seal_submission(
        secrets,
        sent,
        case.text or NO_TEXT,
        client_id=client_id,
        at=case.received_at,
        keys=(key,),
        columns={**columns_of(case), "past": past},
        traceparent=traceparent,
    )


def _past_of(case: LegacyCase, now: datetime) -> dict[str, Any]:
    """The fields of `AppealImported` that the appeal's row does not have; the answer is masked here and now."""
    due = "given" if case.due_at else "none" if "due_at" in case.model_fields_set else "policy"
    taken_over = TakenOver(at=now, due=due, due_at=case.due_at, closed_at=case.closed_at)
    person = _person_of(case)
    postponed = case.outcome == "postponed"
    return {
        "taken_over": taken_over.model_dump(mode="json"),
        "topic": _masked(case.topic, person),
        "group": _masked(case.group, person),
        "organisation": _masked(case.organisation, person),
        "accepted_at": case.accepted_at,
        "outcome": "explained" if postponed else case.outcome,
        "postponed": postponed,
        "promised_on": case.promised_on,
        "answer": _masked(case.answer, person),
    }


def _person_of(case: LegacyCase) -> Applicant:
    told = case.applicant
    return Applicant(
        name=(told and told.name) or "",
        phone=(told and told.phone) or "",
        email=(told and told.email) or "",
        address=case.address or "",
    )


def _masked(told: str | None, person: Applicant) -> str | None:
    """An answer, or a name from a column that somebody chose: what is personal in it goes no further."""
    return mask_words(mask_text(told, person.name), person) if told else None
