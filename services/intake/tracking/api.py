"""The citizen's tracking page, open to whoever knows the code."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse

from chassis.db import Reading, Transaction, open_rows_to_bearer
from chassis.moments import utc_now
from chassis.problems import NotFound
from chassis.resources import resources_in
from chassis.strict_routes import Router
from services.intake.attachments.api.files import redirect_to_file
from services.intake.registration.actions.preparing import hash_code
from services.intake.registration.rules.codes import normalise_code
from services.intake.resources import IntakeResources
from services.intake.tracking.actions import (
    clarify_appeal,
    object_to_moderation,
    rate_answer,
    withdraw_appeal,
)
from services.intake.tracking.queries import find_answer_file, read_receipt, read_track
from services.intake.tracking.schemas import (
    Clarified,
    NewClarification,
    NewObjection,
    NewRating,
    Objected,
    Rating,
    ReceiptView,
    TrackView,
    Withdrawn,
)

router = Router(prefix="/api/v1/track/{code}", tags=["tracking"])


def find_hash(request: Request, code: str) -> bytes:
    """The stored form of a code as it was typed; 404 when it can't be one. Comes before the session."""
    normalised = normalise_code(code)
    if normalised is None:
        raise NotFound
    open_rows_to_bearer(request)
    return hash_code(resources_in(request.app, IntakeResources).secrets, normalised)


TrackingHash = Annotated[bytes, Depends(find_hash)]


@router.get("")
async def track_appeal(tracking_hash: TrackingHash, session: Reading) -> TrackView:
    """Status, deadline, timeline and answers."""
    return await read_track(session, tracking_hash)


@router.get("/receipt")
async def show_receipt(tracking_hash: TrackingHash, session: Reading) -> ReceiptView:
    """A receipt to print and keep: number, day of receipt, law, deadline."""
    return await read_receipt(session, tracking_hash)


@router.get("/attachments/{attachment_id}", status_code=302, response_class=RedirectResponse)
async def get_answer_attachment(
    tracking_hash: TrackingHash, session: Reading, request: Request, attachment_id: UUID
) -> RedirectResponse:
    """302 to a link of five minutes to a file of an answer that has gone out."""
    await find_answer_file(session, tracking_hash, attachment_id)
    return redirect_to_file(request, attachment_id)


@router.post("/rating")
async def rate_appeal(
    tracking_hash: TrackingHash, session: Transaction, request: Request, body: NewRating
) -> Rating:
    """Rate the newest answer; unsolved or at most 2 returns it to work once."""
    return await rate_answer(
        session, resources_in(request.app, IntakeResources).secrets, tracking_hash, body, utc_now()
    )


@router.post("/clarification")
async def clarify(
    tracking_hash: TrackingHash, session: Transaction, request: Request, body: NewClarification
) -> Clarified:
    """Answer an organisation's question."""
    return await clarify_appeal(
        session, resources_in(request.app, IntakeResources).secrets, tracking_hash, body, utc_now()
    )


@router.post("/objection")
async def object_to_decision(
    tracking_hash: TrackingHash, session: Transaction, request: Request, body: NewObjection
) -> Objected:
    """Ask for another decision on an appeal that was rejected or hidden; it comes first on the moderators' list."""
    return await object_to_moderation(
        session, resources_in(request.app, IntakeResources).secrets, tracking_hash, body, utc_now()
    )


@router.post("/withdraw")
async def withdraw(tracking_hash: TrackingHash, session: Transaction) -> Withdrawn:
    """Ask to stop consideration."""
    return await withdraw_appeal(session, tracking_hash, utc_now())
