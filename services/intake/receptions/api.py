"""/api/v1/receptions: receptions of citizens and live sessions, whose questions are appeals that name them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from fastapi.responses import Response

from chassis.db import Reading, Transaction
from chassis.idempotency import Idempotent
from chassis.moments import utc_now
from chassis.pages import Page
from chassis.principals import Principal
from chassis.security import allowed
from chassis.strict_routes import Router
from chassis.times import Day
from services.intake.field_types import RegionCode
from services.intake.receptions import queries
from services.intake.receptions.actions import create_reception
from services.intake.receptions.schemas import (
    NewReception,
    QuestionPage,
    ReceptionLine,
    ReceptionPage,
    ReceptionView,
)

router = Router(prefix="/api/v1/receptions", tags=["receptions"])
Reader = Annotated[Principal, allowed("coordinator", "analyst")]


@router.post("", response_model=ReceptionLine, status_code=201)
async def add_reception(
    principal: Annotated[Principal, allowed("coordinator")],
    session: Transaction,
    idempotency: Idempotent,
    body: NewReception,
) -> Response:
    """Note a reception or a live session, so that appeals can name it (`reception_id`)."""
    return await idempotency.run(
        session, principal, body, lambda: create_reception(session, principal, body, utc_now()), status=201
    )


@router.get("")
async def list_receptions(
    principal: Reader,
    session: Reading,
    page: Page,
    region: RegionCode | None = None,
    since: Annotated[Day | None, Query(alias="from", description="Held on this day or later.")] = None,
    until: Annotated[Day | None, Query(alias="to", description="Held before this day.")] = None,
) -> ReceptionPage:
    """Receptions within reach, the latest first, with how many appeals name each."""
    return await queries.list_receptions(session, principal, region, since, until, page)


@router.get("/{reception_id}")
async def show_reception(principal: Reader, session: Reading, reception_id: UUID) -> ReceptionView:
    """One reception, and what became of its questions."""
    return await queries.read_reception(session, principal, reception_id, utc_now())


@router.get("/{reception_id}/appeals")
async def list_questions(principal: Reader, session: Reading, page: Page, reception_id: UUID) -> QuestionPage:
    """Its appeals, the newest first."""
    return await queries.list_questions(session, principal, reception_id, page)
