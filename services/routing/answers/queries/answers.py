"""One answer in full, with what was found in it and why it was returned."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row
from chassis.principals import Principal
from chassis.problems import NotFound
from services.routing.answers.schemas.checks import CheckedText, CheckFinding
from services.routing.answers.schemas.reviews import AnswerDetails
from services.routing.assignments.queries.assignments import GivenAnswer, show_answer
from services.routing.attachments.queries import files_of_answer
from services.routing.reference.queries.cache import read_reference
from services.routing.tables.answers import REVIEW_WORDS, AnswerReview
from services.routing.tables.assignments import ANSWER_WORDS

_ANSWER = """
SELECT
    w.*, r.client_id AS submitted_by, s.signature,
    v.state AS review_state, v.person AS given_by, v.client_id AS given_through
FROM routing.answer w
LEFT JOIN routing.routed_appeal r ON r.region = w.region AND r.appeal_id = w.appeal_id
LEFT JOIN routing.answer_review v ON v.region = w.region AND v.answer_id = w.id
LEFT JOIN routing.answer_signature s ON s.region = w.region AND s.answer_id = w.id
WHERE w.region = ANY(:regions::text[]) AND w.id = :id
"""
_REVIEW = "SELECT * FROM routing.answer_review WHERE region = :region AND answer_id = :id"


@dataclass(frozen=True, slots=True)
class _StoredAnswer(GivenAnswer):
    """With the client that submitted the appeal."""

    submitted_by: str | None
    signature: bytes | None

    @property
    def is_out(self) -> bool:
        """Whether it is the citizen's."""
        return self.review_state in {None, "approved"}


async def read_answer(session: AsyncSession, principal: Principal, answer_id: UUID) -> AnswerDetails:
    """For the portal that submitted the appeal, once it has gone out; the organisation that answered, and coordinators.

    404 for others.
    """
    stored = await row(session, _StoredAnswer, _ANSWER, regions=principal.regions_within(), id=answer_id)
    if stored is None or not _may_read(principal, stored):
        raise NotFound
    reference = await read_reference(session, stored.region)
    shown = show_answer(stored, ANSWER_WORDS.open(session, stored), reference, principal)
    for_officials = principal.role != "portal" and stored.review_state is not None
    checks, reasons = await _read_review(session, stored) if for_officials else ([], [])
    signature = base64.b64encode(stored.signature).decode() if stored.signature else None
    files = await files_of_answer(session, stored.region, answer_id)
    return AnswerDetails(
        **shown.model_dump(), checks=checks, reasons=reasons, signature=signature, attachments=files
    )


def _may_read(principal: Principal, answer: _StoredAnswer) -> bool:
    if principal.role == "portal":
        return answer.is_out and answer.submitted_by == principal.client_id
    return principal.role != "agency" or answer.organisation_id == principal.organisation


async def _read_review(session: AsyncSession, answer: _StoredAnswer) -> tuple[list[CheckFinding], list[str]]:
    review = await row(session, AnswerReview, _REVIEW, region=answer.region, id=answer.id)
    assert review is not None
    words = REVIEW_WORDS.show(session, review)
    return checks_in(words["checks"]), [each for each in (words["reasons"] or "").split("\n") if each]


def checks_in(kept: str | None) -> list[CheckFinding]:
    """What checks found, as a review keeps it; nothing of words that do not open."""
    return CheckedText.model_validate_json(kept).checks if kept and kept.startswith("{") else []
