"""Documents that another organisation has to give (59-ФЗ ст. 10 ч. 2): asked for, received. The assignment stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_rows, row, run
from chassis.moments import not_before
from chassis.outbox import emit
from chassis.problems import NotAllowedNow, NotFound
from contracts.routing import DocumentsReceived, DocumentsRequested
from services.routing.assignments.actions.locks import ActionRequest, LockedAssignment, lock_own
from services.routing.assignments.actions.transitions import mark_asked
from services.routing.assignments.rules.statuses import Action
from services.routing.assignments.schemas.acts import ReceiveDocuments, RequestDocuments
from services.routing.assignments.schemas.assignments import AssignmentView
from services.routing.tables.assignments import (
    DOCUMENT_WORDS,
    DocumentRequest,
    document_request,
)

_LOCK = """
SELECT requested_at, received_at FROM routing.document_request
WHERE region = :region AND id = :id AND assignment_id = :assignment_id FOR UPDATE
"""
_CLOSE = "UPDATE routing.document_request SET received_at = :at WHERE region = :region AND id = :id"


@dataclass(frozen=True, slots=True)
class _Moments:
    requested_at: datetime
    received_at: datetime | None


async def request_documents(
    session: AsyncSession, request: ActionRequest, body: RequestDocuments
) -> AssignmentView:
    """Ask another organisation for documents; several requests may run at a time."""
    locked = await lock_own(session, request, Action.DOCUMENTS, body.lease_token)
    asked = _seal_request(session, locked, body)
    await insert_rows(session, document_request, [asked])
    await mark_asked(session, locked)
    await emit(
        session,
        DocumentsRequested(
            **locked.event_keys(),
            request_id=asked.id,
            organisation=locked.organisation,
            addressee=body.addressee,
            what=body.what,
            requested_at=locked.at,
        ),
    )
    return locked.show()


def _seal_request(session: AsyncSession, locked: LockedAssignment, body: RequestDocuments) -> DocumentRequest:
    request_id: UUID = uuid7()
    return DocumentRequest(
        region=locked.assignment.region,
        id=request_id,
        assignment_id=locked.assignment.id,
        appeal_id=locked.assignment.appeal_id,
        organisation_id=locked.organisation.id,
        requested_at=locked.at,
        received_at=None,
        **DOCUMENT_WORDS.seal(session, request_id, {"addressee": body.addressee, "what": body.what}),
    )


async def receive_documents(
    session: AsyncSession, request: ActionRequest, body: ReceiveDocuments
) -> AssignmentView:
    """Close a request; 404 when it is not this assignment's, 409 when it was closed before."""
    locked = await lock_own(session, request, Action.DOCUMENTS, body.lease_token)
    region = locked.assignment.region
    asked = await row(
        session, _Moments, _LOCK, region=region, id=body.request_id, assignment_id=locked.assignment.id
    )
    if asked is None:
        raise NotFound
    if asked.received_at is not None:
        raise NotAllowedNow("These documents have been received already.")
    at = not_before(locked.at, asked.requested_at)
    await run(session, _CLOSE, at=at, region=region, id=body.request_id)
    await emit(
        session,
        DocumentsReceived(
            **locked.event_keys(),
            request_id=body.request_id,
            organisation=locked.organisation,
            received_at=at,
        ),
    )
    return locked.show()
