"""A past case made ready to be stored: registered under its own date, with what the other system knew of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal
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
    Arrival,
    Submission,
    make_key,
    seal_submission,
)

KEY: Final = "key"  # of the case, beside the fields of `AppealImported`
NO_TEXT: Final = "Текст обращения не перенесён из прежней системы."


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
    if errors := find_contradictions(case, now):
        raise Unprocessable("See errors.", errors=errors)
    key = make_key(secrets, EXTERNAL_ID, client_id, case.external_id)
    past = {**_past_of(case, now), "import_id": import_id, KEY: key.hash.hex()}
    arrival = Arrival(client_id, case.received_at, (key,), traceparent)
    return seal_submission(secrets, case, case.text or NO_TEXT, arrival, past=past)


def _past_of(case: LegacyCase, now: datetime) -> dict[str, Any]:
    """The fields of `AppealImported` that the appeal's row does not have; the answer is masked here and now."""
    taken_over = TakenOver(at=now, due=_due_of(case), due_at=case.due_at, closed_at=case.closed_at)
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


def _due_of(case: LegacyCase) -> Literal["given", "none", "policy"]:
    if case.due_at:
        return "given"
    return "none" if "due_at" in case.model_fields_set else "policy"


def _person_of(case: LegacyCase) -> Applicant:
    given = case.applicant.model_dump(exclude_none=True) if case.applicant else {}
    return Applicant(**given, address=case.address or "")


def _masked(words: str | None, person: Applicant) -> str | None:
    """An answer, or a name from a column that somebody chose: what is personal in it goes no further."""
    return mask_words(mask_text(words, person.name), person) if words else None
