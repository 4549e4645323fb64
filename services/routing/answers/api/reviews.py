"""Answers as such: check, read, review, sign; how well organisations answer."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from fastapi.responses import Response

from chassis.db import Reading, Transaction
from chassis.idempotency import Idempotent
from chassis.pages import Page
from chassis.principals import Principal
from chassis.security import allowed
from chassis.strict_routes import Router
from chassis.times import Day
from chassis.versions import ExpectedVersion
from services.routing.answers.actions import reviewing
from services.routing.answers.queries import answers, checks, reviews
from services.routing.answers.queries.quality import Period, read_quality
from services.routing.answers.schemas.checks import AnswerCheck, CheckedText
from services.routing.answers.schemas.quality import Quality
from services.routing.answers.schemas.reviews import AnswerDetails, Review, ReviewPage
from services.routing.reference.schemas.types import RegionCode

router = Router(prefix="/api/v1/answers", tags=["answers"])
reviews_router = Router(prefix="/api/v1/reviews", tags=["answers"])
Official = Annotated[Principal, allowed("agency", "coordinator")]


@router.post("/check")
async def check_answer(principal: Official, session: Reading, body: AnswerCheck) -> CheckedText:
    """What the automatic checks find in a text; nothing is stored."""
    return await checks.check_answer(session, principal, body)


@router.get("/quality")
async def show_quality(
    principal: Official,
    session: Reading,
    region: RegionCode | None = None,
    organisation: UUID | None = None,
    since: Annotated[Day | None, Query(alias="from")] = None,
    until: Annotated[Day | None, Query(alias="to")] = None,
) -> Quality:
    """By organisation: answers, returned ones and by which check, reopened ones, ratings; an organisation its own.

    Of a year at most: without `from` of the year up to `to`.
    """
    return await read_quality(session, principal, region, organisation, Period(since, until))


@router.get("/{answer_id}")
async def read_answer(
    principal: Annotated[Principal, allowed("portal", "agency", "coordinator")],
    session: Reading,
    answer_id: UUID,
) -> AnswerDetails:
    """The full text, for the submitting portal (once it went out), the organisation that answered, and coordinators."""
    return await answers.read_answer(session, principal, answer_id)


@router.post("/{answer_id}/review", response_model=AnswerDetails)
async def review_answer(
    principal: Annotated[Principal, allowed("coordinator")],
    session: Transaction,
    expected_version: ExpectedVersion,
    idempotency: Idempotent,
    answer_id: UUID,
    body: Review,
) -> Response:
    """Approve it, and it goes to the citizen; or return it to the organisation with reasons."""
    return await idempotency.run(
        session,
        principal,
        body,
        lambda: reviewing.review_answer(session, principal, answer_id, expected_version, body),
    )


@router.post("/{answer_id}/sign")
async def sign_answer(
    principal: Annotated[Principal, allowed("agency")], session: Transaction, answer_id: UUID
) -> AnswerDetails:
    """The second signature, by another person of the organisation than who gave the answer."""
    return await reviewing.sign_answer(session, principal, answer_id)


@reviews_router.get("")
async def list_reviews(
    principal: Annotated[Principal, allowed("coordinator")],
    session: Reading,
    page: Page,
    region: RegionCode | None = None,
) -> ReviewPage:
    """Answers that wait for a coordinator or a second signature, oldest first."""
    return await reviews.list_reviews(session, principal, region, page)
