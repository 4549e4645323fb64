"""Opening an original."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Request

from chassis.db import Transaction
from chassis.principals import Principal
from chassis.resources import resources_in
from chassis.security import allowed
from chassis.strict_routes import Router
from services.intake.originals.actions.opening import open_appeal
from services.intake.originals.schemas import Original, StatedPurpose
from services.intake.resources import IntakeResources

router = Router(prefix="/api/v1/appeals", tags=["appeals"])


@router.post("/{appeal_id}/original")
async def open_original(
    principal: Annotated[Principal, allowed("agency", "coordinator")],
    session: Transaction,
    request: Request,
    appeal_id: UUID,
    body: StatedPurpose,
) -> Original:
    """The unmasked text and the applicant, for a stated purpose; every access is logged."""
    keyring = resources_in(request.app, IntakeResources).secrets.keyring
    return await open_appeal(session, principal, keyring, appeal_id, body.purpose)
