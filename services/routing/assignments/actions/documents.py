"""Documents that another body has to give (59-ФЗ ст. 10 ч. 2): asked for, received. The assignment stays as it is."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_rows
from chassis.moments import not_before
from chassis.outbox import emit
from chassis.problems import NotAllowedNow, NotFound
from chassis.security import Principal
from contracts.routing import DocumentsReceived, DocumentsRequested
from services.routing.assignments.actions.transitions import Row, take_own
from services.routing.tables import DOCUMENT_WORDS, document_request
from services.routing.assignments.schemas.acts import ReceiveDocuments, RequestDocuments
from services.routing.assignments.schemas.assignments import AssignmentView


async def request_documents(
    session: AsyncSession, principal: Principal, assignment_id: UUID, seen: int, body: RequestDocuments
) -> AssignmentView:
    """Ask another body for documents; several requests may run at a time."""
    held = await take_own(session, principal, assignment_id, seen, "documents", body.lease_token)
    request_id = uuid7()
    row = {
        "region": held.row["region"],
        "id": request_id,
        "assignment_id": assignment_id,
        "appeal_id": held.row["appeal_id"],
        "organisation_id": held.row["organisation_id"],
        **DOCUMENT_WORDS.seal(session, request_id, {"addressee": body.addressee, "what": body.what}),
        "requested_at": held.at,
    }
    await insert_rows(session, document_request, [row])
    await emit(
        session,
        DocumentsRequested(
            **held.about(),
            request_id=request_id,
            organisation=held.organisation,
            addressee=body.addressee,
            what=body.what,
            requested_at=held.at,
        ),
    )
    return held.show()


async def receive_documents(
    session: AsyncSession, principal: Principal, assignment_id: UUID, seen: int, body: ReceiveDocuments
) -> AssignmentView:
    """Close a request; 404 when it is not this assignment's, 409 when it was closed before."""
    held = await take_own(session, principal, assignment_id, seen, "documents", body.lease_token)
    found = await session.execute(
        text(
            "SELECT requested_at, received_at FROM routing.document_request "
            "WHERE region = :region AND id = :id AND assignment_id = :assignment_id FOR UPDATE"
        ),
        {"region": held.row["region"], "id": body.request_id, "assignment_id": assignment_id},
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound
    if row.received_at is not None:
        raise NotAllowedNow("These documents have been received already.")
    at = not_before(held.at, row.requested_at)
    await session.execute(
        text("UPDATE routing.document_request SET received_at = :at WHERE region = :region AND id = :id"),
        {"at": at, "region": held.row["region"], "id": body.request_id},
    )
    await emit(
        session,
        DocumentsReceived(
            **held.about(),
            request_id=body.request_id,
            organisation=held.organisation,
            received_at=at,
        ),
    )
    return held.show()


async def hand_over_requests(session: AsyncSession, row: Row) -> None:
    """Whoever has the assignment now waits for the documents that were asked for."""
    await session.execute(
        text(
            "UPDATE routing.document_request SET organisation_id = :organisation_id "
            "WHERE region = :region AND assignment_id = :id AND received_at IS NULL"
        ),
        {name: row[name] for name in ("organisation_id", "region", "id")},
    )
