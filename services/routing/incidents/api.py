"""Incidents: what officials see of them and do with them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Body, Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import Reading, Transaction, Transactions
from chassis.idempotency import Idempotency, Idempotent
from chassis.pages import Page
from chassis.principals import Principal, Role
from chassis.security import allowed
from chassis.strict_routes import Router
from chassis.versions import ExpectedVersion
from services.routing.attachments.api import wait_for_files
from services.routing.incidents.actions import answering, confirming, merging, splitting, undoing
from services.routing.incidents.actions.gathering import IncidentRequest
from services.routing.incidents.queries.incidents import list_incidents, show_incident
from services.routing.incidents.queries.members import list_members
from services.routing.incidents.schemas.incidents import (
    ActedIncident,
    AnswerProgress,
    CommonAnswerBody,
    Confirmation,
    IncidentAppealPage,
    IncidentPage,
    IncidentView,
    Merging,
    Split,
    Undoing,
)
from services.routing.reference.schemas.types import RegionCode
from services.routing.tables.incidents import IncidentStatus

router = Router(prefix="/api/v1/incidents", tags=["incidents"])
Seeing = Annotated[Principal, allowed("agency", "coordinator")]
StatusOf = Annotated[IncidentStatus | None, Query(description="Without it: proposed and confirmed ones.")]
B = TypeVar("B", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class IncidentCall:
    """What an act on an incident is run with."""

    session: AsyncSession
    idempotency: Idempotency
    request: IncidentRequest

    async def run(
        self,
        action: Callable[[AsyncSession, IncidentRequest, B], Awaitable[BaseModel]],
        body: B,
        status: int = 200,
    ) -> Response:
        """The act's answer, or the first one under the same key."""
        return await self.idempotency.run(
            self.session,
            self.request.principal,
            body,
            lambda: action(self.session, self.request, body),
            status=status,
        )


def _called_by(*roles: Role) -> Any:
    async def call(
        *,
        principal: Principal = allowed(*roles),
        session: Transaction,
        expected_version: ExpectedVersion,
        idempotency: Idempotent,
        incident_id: UUID,
    ) -> IncidentCall:
        return IncidentCall(session, idempotency, IncidentRequest(principal, incident_id, expected_version))

    return Depends(call)


CoordinatorCall = Annotated[IncidentCall, _called_by("coordinator")]


@router.get("")
async def show_incidents(
    principal: Seeing,
    session: Reading,
    page: Page,
    region: RegionCode | None = None,
    status: StatusOf = None,
) -> IncidentPage:
    """Those that something was last told of first; an organisation those it holds the lead of."""
    return await list_incidents(session, principal, region, status, page)


@router.get("/{incident_id}")
async def read_incident(principal: Seeing, session: Reading, incident_id: UUID) -> IncidentView:
    """One incident, whatever became of it; an organisation sees those it holds the lead of."""
    return await show_incident(session, principal, incident_id)


@router.get("/{incident_id}/appeals")
async def show_appeals(
    principal: Seeing, session: Reading, page: Page, incident_id: UUID
) -> IncidentAppealPage:
    """Its appeals, oldest first, and how each came to it; for who holds the lead also those that others have."""
    return await list_members(session, principal, incident_id, page)


@router.post("/{incident_id}/confirm", response_model=ActedIncident)
async def confirm_incident(
    call: CoordinatorCall, body: Annotated[Confirmation, Body(default_factory=Confirmation)]
) -> Response:
    """It is one event: the organisation that holds most of its appeals gets those that others hold."""
    return await call.run(confirming.confirm_incident, body)


@router.post("/{incident_id}/split", response_model=ActedIncident, status_code=201)
async def split_incident(call: CoordinatorCall, body: Split) -> Response:
    """Some of its appeals become an incident of their own, which is answered."""
    return await call.run(splitting.split_incident, body, status=201)


@router.post("/{incident_id}/merge", response_model=ActedIncident)
async def merge_incident(call: CoordinatorCall, body: Merging) -> Response:
    """All of its appeals go to another incident, which is answered."""
    return await call.run(merging.merge_incident, body)


@router.post("/{incident_id}/undo", response_model=ActedIncident)
async def undo_incident(
    call: CoordinatorCall, body: Annotated[Undoing, Body(default_factory=Undoing)]
) -> Response:
    """Everything is as it was before it, but for what somebody has worked on since; 409 once it was answered."""
    return await call.run(undoing.undo_incident, body)


@router.post("/{incident_id}/answer", response_model=AnswerProgress, status_code=202)
async def answer_incident(
    principal: Annotated[Principal, allowed("agency")],
    transactions: Transactions,
    expected_version: ExpectedVersion,
    idempotency: Idempotent,
    incident_id: UUID,
    body: CommonAnswerBody,
) -> Response:
    """One text for all of its appeals, each citizen gets a copy; the same request again says how far it has come."""
    await wait_for_files(transactions, principal, body.attachments)
    async with transactions.begin() as session:
        request = IncidentRequest(principal, incident_id, expected_version)
        call = IncidentCall(session, idempotency, request)
        return await call.run(answering.answer_incident, body, status=202)
