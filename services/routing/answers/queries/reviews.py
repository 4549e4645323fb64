"""Answers that wait for a coordinator or a second signature, oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from chassis.pages import PageRequest, merge_ranges
from chassis.principals import Principal
from contracts.routing import Outcome
from services.routing.answers.queries.answers import checks_in
from services.routing.answers.schemas.reviews import ReviewItem, ReviewPage
from services.routing.assignments.rules.words import text_of
from services.routing.reference.queries.cache import references_of
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.schemas.organisations import OrganisationRef
from services.routing.tables.answers import OPEN_REVIEW, REVIEW_WORDS, AnswerReview
from services.routing.tables.assignments import ANSWER_WORDS

_REGIONS = "unnest(:regions::text[]) AS r(region)"
_WAITING = f"""
SELECT v.*, w.text, w.key_id AS answer_key_id, w.sealed AS answer_sealed, w.outcome, w.interim, w.promised_on,
    a.number, a.packed, a.text AS asked, a.version
FROM routing.answer_review v
JOIN routing.answer w ON w.region = v.region AND w.id = v.answer_id
JOIN routing.assignment a ON a.region = v.region AND a.id = v.assignment_id AND a.status = 'in_review'
WHERE v.region = r.region AND v.{OPEN_REVIEW}
"""
_AFTER = " AND (v.submitted_at, v.answer_id) > (:submitted_at, :id)"


@dataclass(frozen=True, slots=True)
class _Sealed:
    """The words of an answer beside its review."""

    id: UUID
    text: str
    key_id: int | None
    sealed: bytes | None


@dataclass(frozen=True, slots=True)
class _Waiting(AnswerReview):
    """A review with its answer and its assignment."""

    text: str
    answer_key_id: int | None
    answer_sealed: bytes | None
    outcome: Outcome | None
    interim: bool
    promised_on: date | None
    number: str
    packed: bytes | None
    asked: str | None
    version: int

    @property
    def answer(self) -> _Sealed:
        """The answer's words."""
        return _Sealed(self.answer_id, self.text, self.answer_key_id, self.answer_sealed)


async def list_reviews(
    session: AsyncSession, principal: Principal, region: str | None, page: PageRequest
) -> ReviewPage:
    """What waits, oldest first."""
    position = page.position("reviews")
    submitted_at, id = position or (None, None)
    waiting = await rows(
        session,
        _Waiting,
        merge_ranges(_REGIONS, _WAITING + (_AFTER if position else ""), "submitted_at, answer_id"),
        regions=principal.regions_within(region),
        submitted_at=submitted_at and datetime.fromisoformat(submitted_at),
        id=id and UUID(id),
        limit=page.limit + 1,
    )
    references = await references_of(session).read(session, (each.region for each in waiting))
    shown, following = page.cut("reviews", waiting, lambda last: (last.submitted_at, str(last.answer_id)))
    items = [_show(session, each, references[each.region]) for each in shown]
    return ReviewPage(items=items, next_cursor=following)


def _show(session: AsyncSession, review: _Waiting, reference: RegionReference) -> ReviewItem:
    return ReviewItem(
        id=review.answer_id,
        assignment_id=review.assignment_id,
        appeal_id=review.appeal_id,
        region=review.region,
        number=review.number,
        organisation=OrganisationRef.of(review.organisation_id, reference),
        question=text_of(review.packed, review.asked),
        text=ANSWER_WORDS.show(session, review.answer)["text"] or "",
        outcome=review.outcome,
        interim=review.interim,
        promised_on=review.promised_on,
        checks=checks_in(REVIEW_WORDS.show(session, review)["checks"]),
        risk=review.risk,
        mode="signature" if review.state == "signature" else review.mode,
        submitted_at=review.submitted_at,
        version=review.version,
    )
