"""What bodies and coordinators did: into the history of the appeal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import emit
from contracts.intake import ExtensionReasonMasked
from contracts.routing import (
    AppealForwarded,
    AssignmentAccepted,
    AssignmentAnswered,
    AssignmentCancelled,
    AssignmentCorrected,
    AssignmentCreated,
    AssignmentInterimAnswered,
    AssignmentRedirected,
    AssignmentReopened,
    ClarificationAsked,
    ClarificationReceived,
    DocumentsReceived,
    DocumentsRequested,
    ExtensionRequested,
)
from services.intake.handlers.registry import handlers
from services.intake.history.actions import Happened, find_recorded, record_history
from services.intake.history.rules.projection import Entry
from services.intake.originals.actions.official_words import hear

RoutingEvent = (
    AssignmentCreated
    | AssignmentCorrected
    | AssignmentAccepted
    | AssignmentRedirected
    | AssignmentInterimAnswered
    | AssignmentAnswered
    | AssignmentReopened
    | ClarificationAsked
    | ClarificationReceived
    | ExtensionRequested
    | DocumentsRequested
    | DocumentsReceived
    | AssignmentCancelled
    | AppealForwarded
)


def _happened(event: RoutingEvent, kind: str, at: datetime, *names: str) -> Happened:
    """`names`: the fields of the event that the history keeps; absent ones are left out."""
    data = {name: _plain(getattr(event, name)) for name in names if getattr(event, name) is not None}
    assignment_id = None if isinstance(event, AppealForwarded) else event.assignment_id
    entry = Entry(event.id, kind, at, event.sequence, assignment_id, data)
    return Happened(event.region, event.appeal_id, entry)


def _plain(value: Any) -> Any:
    return (
        value.model_dump(mode="json")
        if isinstance(value, BaseModel)
        else value
        if isinstance(value, bool | int)
        else str(value)
    )


@handlers.on(AssignmentCreated)
async def record_creation(session: AsyncSession, events: Sequence[AssignmentCreated]) -> None:
    names = ("role", "topic", "organisation", "triage_reason", "predecessor_id")
    await record_history(session, [_happened(event, "created", event.created_at, *names) for event in events])


@handlers.on(AssignmentCorrected)
async def record_correction(session: AsyncSession, events: Sequence[AssignmentCorrected]) -> None:
    names = ("topic", "organisation", "previous_organisation_id", "reason")
    await record_history(
        session,
        [_happened(event, "corrected", event.corrected_at, *names) for event in await hear(session, events)],
    )


@handlers.on(AssignmentAccepted)
async def record_acceptance(session: AsyncSession, events: Sequence[AssignmentAccepted]) -> None:
    await record_history(
        session, [_happened(event, "accepted", event.accepted_at, "organisation") for event in events]
    )


@handlers.on(AssignmentRedirected)
async def record_redirection(session: AsyncSession, events: Sequence[AssignmentRedirected]) -> None:
    names = ("organisation", "successor_id", "reason_code", "comment")
    await record_history(
        session,
        [
            _happened(event, "redirected", event.redirected_at, *names)
            for event in await hear(session, events)
        ],
    )


@handlers.on(AssignmentInterimAnswered)
async def record_interim_answer(session: AsyncSession, events: Sequence[AssignmentInterimAnswered]) -> None:
    names = ("answer_id", "organisation", "text", "promised_on")
    await record_history(
        session,
        [
            _happened(event, "interim_answered", event.answered_at, *names)
            for event in await hear(session, events)
        ],
    )


@handlers.on(AssignmentAnswered)
async def record_answer(session: AsyncSession, events: Sequence[AssignmentAnswered]) -> None:
    names = ("answer_id", "organisation", "outcome", "text", "promised_on", "cycle")
    await record_history(
        session,
        [_happened(event, "answered", event.answered_at, *names) for event in await hear(session, events)],
    )


@handlers.on(AssignmentReopened)
async def record_reopening(session: AsyncSession, events: Sequence[AssignmentReopened]) -> None:
    names = ("answer_id", "organisation", "cycle")
    await record_history(
        session, [_happened(event, "reopened", event.reopened_at, *names) for event in events]
    )


@handlers.on(ClarificationAsked)
async def record_question(session: AsyncSession, events: Sequence[ClarificationAsked]) -> None:
    names = ("organisation", "question")
    await record_history(
        session,
        [
            _happened(event, "clarification_asked", event.asked_at, *names)
            for event in await hear(session, events)
        ],
    )


@handlers.on(ClarificationReceived)
async def record_clarification(session: AsyncSession, events: Sequence[ClarificationReceived]) -> None:
    await record_history(
        session, [_happened(event, "clarification_received", event.received_at) for event in events]
    )


@handlers.on(ExtensionRequested)
async def record_extension_request(session: AsyncSession, events: Sequence[ExtensionRequested]) -> None:
    """The reason goes on, masked, to the coordinator who decides: once, however often the request is sent again."""
    names = ("extension_id", "organisation", "days", "reason")
    heard = await hear(session, events)
    known = await find_recorded(session, [(event.region, event.appeal_id, event.id) for event in heard])
    await record_history(
        session, [_happened(event, "extension_requested", event.requested_at, *names) for event in heard]
    )
    await emit(session, *(_masked(event) for event in heard if event.id not in known))


def _masked(event: ExtensionRequested) -> ExtensionReasonMasked:
    return ExtensionReasonMasked(
        region=event.region,
        appeal_id=event.appeal_id,
        extension_id=event.extension_id,
        reason=event.reason,
    )


@handlers.on(DocumentsRequested)
async def record_document_request(session: AsyncSession, events: Sequence[DocumentsRequested]) -> None:
    names = ("request_id", "organisation", "addressee", "what")
    await record_history(
        session,
        [
            _happened(event, "documents_requested", event.requested_at, *names)
            for event in await hear(session, events)
        ],
    )


@handlers.on(DocumentsReceived)
async def record_documents(session: AsyncSession, events: Sequence[DocumentsReceived]) -> None:
    names = ("request_id", "organisation")
    await record_history(
        session, [_happened(event, "documents_received", event.received_at, *names) for event in events]
    )


@handlers.on(AppealForwarded)
async def record_forwarding(session: AsyncSession, events: Sequence[AppealForwarded]) -> None:
    names = ("addressee", "reason")
    await record_history(
        session,
        [_happened(event, "forwarded", event.forwarded_at, *names) for event in await hear(session, events)],
    )


@handlers.on(AssignmentCancelled)
async def record_cancellation(session: AsyncSession, events: Sequence[AssignmentCancelled]) -> None:
    await record_history(
        session, [_happened(event, "cancelled", event.cancelled_at, "reason") for event in events]
    )
