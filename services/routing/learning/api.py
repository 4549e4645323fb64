"""Models of regions, audits of decisions without a person, proposals of topics."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Body, Query
from fastapi.responses import Response

from chassis.db import Reading, Transaction
from chassis.idempotency import Idempotent
from chassis.pages import Page
from chassis.principals import Principal
from chassis.security import AdminOnly, allowed
from chassis.strict_routes import Router
from chassis.versions import ExpectedVersion
from services.routing.learning.actions.audits import AuditRequest, decide_audit
from services.routing.learning.actions.models import ModelRequest, ask_training, promote_model, roll_back
from services.routing.learning.actions.proposals import ProposalRequest, decide_proposal
from services.routing.learning.queries.audits import list_audits
from services.routing.learning.queries.models import list_models
from services.routing.learning.queries.proposals import list_proposals
from services.routing.learning.schemas.audits import AuditDecision, AuditPage, AuditView
from services.routing.learning.schemas.models import ModelPage, ModelView, NewModel, Promotion
from services.routing.learning.schemas.proposals import ProposalDecision, ProposalPage, ProposalView
from services.routing.reference.schemas.types import RegionCode
from services.routing.tables.learning import AuditStatus, ProposalStatus

router = Router(prefix="/api/v1", tags=["learning"])
Coordinator = Annotated[Principal, allowed("coordinator")]
Forced = Annotated[Promotion, Body(default_factory=Promotion)]
AuditsOf = Annotated[AuditStatus | None, Query(description="Without it: open and decided ones.")]
ProposalsOf = Annotated[ProposalStatus | None, Query(description="Without it: all.")]


@router.get("/models")
async def show_models(
    principal: Coordinator, session: Reading, page: Page, region: RegionCode | None = None
) -> ModelPage:
    """Models by region, the newest first, with their figures on unseen rows and at work; the shipped one comes last."""
    return await list_models(session, principal, region, page)


@router.post("/models", response_model=ModelView, status_code=202)
async def train_model(
    principal: AdminOnly, session: Transaction, idempotency: Idempotent, body: NewModel
) -> Response:
    """Train a model on what the region's people decided, beside the current one; it decides nothing before it is promoted."""
    return await idempotency.run(
        session, principal, body, lambda: ask_training(session, principal, body.region), status=202
    )


@router.post("/models/{model_id}/promote", response_model=ModelView)
async def promote(
    principal: AdminOnly,
    session: Transaction,
    expected_version: ExpectedVersion,
    idempotency: Idempotent,
    model_id: UUID,
    body: Forced,
) -> Response:
    """Let a candidate, or a model in shadow, decide; the former one is kept for a roll-back."""
    request = ModelRequest(principal, model_id, expected_version)
    return await idempotency.run(session, principal, body, lambda: promote_model(session, request, body))


@router.post("/models/{model_id}/rollback", response_model=ModelView)
async def roll_model_back(
    principal: AdminOnly,
    session: Transaction,
    expected_version: ExpectedVersion,
    idempotency: Idempotent,
    model_id: UUID,
) -> Response:
    """Let the model before the current one decide again, as it did."""
    request = ModelRequest(principal, model_id, expected_version)
    return await idempotency.run(session, principal, None, lambda: roll_back(session, request))


@router.get("/audits")
async def show_audits(
    principal: Coordinator,
    session: Reading,
    page: Page,
    region: RegionCode | None = None,
    status: AuditsOf = None,
) -> AuditPage:
    """Decisions without a person that were drawn at random, the oldest first."""
    return await list_audits(session, principal, region, status, page)


@router.post("/audits/{audit_id}", response_model=AuditView)
async def decide(
    principal: Coordinator,
    session: Transaction,
    expected_version: ExpectedVersion,
    idempotency: Idempotent,
    audit_id: UUID,
    body: AuditDecision,
) -> Response:
    """Right or wrong; what is named instead corrects the assignment while it is open and as it was decided, and is learned from."""
    request = AuditRequest(principal, audit_id, expected_version)
    return await idempotency.run(session, principal, body, lambda: decide_audit(session, request, body))


@router.get("/topics/proposals")
async def show_proposals(
    principal: Coordinator,
    session: Reading,
    page: Page,
    region: RegionCode | None = None,
    status: ProposalsOf = None,
) -> ProposalPage:
    """Groups of appeals that no topic fits, looked for every night; the newest first."""
    return await list_proposals(session, principal, region, status, page)


@router.post("/topics/proposals/{proposal_id}", response_model=ProposalView)
async def decide_on_proposal(
    principal: Coordinator,
    session: Transaction,
    expected_version: ExpectedVersion,
    idempotency: Idempotent,
    proposal_id: UUID,
    body: ProposalDecision,
) -> Response:
    """Take it up, or have it proposed no more."""
    request = ProposalRequest(principal, proposal_id, expected_version)
    return await idempotency.run(session, principal, body, lambda: decide_proposal(session, request, body))
