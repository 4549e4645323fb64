"""/api/v1/imports: cases that another system kept, with their own dates; taken over, and taken back."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from uuid_utils.compat import uuid7

from chassis.bodies import require_ndjson
from chassis.cursors import Cursor, Limit
from chassis.db import Reading, Transaction
from chassis.logs import traceparent_now
from chassis.moments import utc_now
from chassis.resources import resources_in, resources_of
from chassis.security import AdminOnly
from chassis.strict_routes import Router, ignored_by, log_ignored
from services.intake.migration import queries
from services.intake.migration.actions.preparing import prepare_import
from services.intake.migration.actions.undoing import ask_undo
from services.intake.migration.schemas import ImportPage, ImportView, LegacyCase
from services.intake.registration.actions.preparing import Submission
from services.intake.registration.api.batches import BatchAnswer, ndjson_route, read_line
from services.intake.resources import IntakeResources

router = Router(prefix="/api/v1", tags=["imports"])


_EXAMPLE = (
    '{"external_id": "2024-1", "region": "46", "text": "Яма на дороге у дома 5", '
    '"received_at": "2024-02-01T10:05:00+03:00", "closed_at": "2024-02-09T16:00:00+03:00"}'
)


@router.post("/imports", **ndjson_route("past case", LegacyCase, _EXAMPLE))
async def import_cases(
    principal: AdminOnly, session: Reading, request: Request, import_id: UUID | None = None
) -> Response:
    """Take over up to 10,000 past cases; answers like a batch of appeals. A repeat by `external_id` answers 200.

    What is sent under one `import_id` (a UUIDv7 of the client's; by default one a request, `X-Import-ID` of the answer) can
    be taken back as a whole.
    """
    require_ndjson(request.headers.get("content-type", ""))
    groups = resources_in(request.app, IntakeResources).groups
    ignored = ignored_by(request)
    if import_id is not None:
        await queries.require_taking_over(session, import_id)
    known_as: UUID = import_id or uuid7()

    def prepare(number: int, line: bytes) -> Submission:
        return prepare_import(
            groups.secrets,
            read_line(LegacyCase, line, principal, ignored),
            client_id=principal.client_id,
            import_id=known_as,
            now=utc_now(),
            traceparent=traceparent_now.get(),
        )

    async def make_months(cases: Iterable[Submission]) -> None:
        await resources_in(request.app, IntakeResources).months.make(case.id for case in cases)

    answer = BatchAnswer(groups, prepare, lambda: log_ignored(request, ignored, LegacyCase), make_months)
    answer.headers["X-Import-ID"] = str(known_as)
    return answer


@router.get("/imports")
async def list_imports(
    principal: AdminOnly, session: Reading, request: Request, limit: Limit = 100, cursor: Cursor = ""
) -> ImportPage:
    """Imports within reach, the newest first."""
    return await queries.list_imports(session, principal, resources_of(request).cursors, cursor, limit)


@router.get("/imports/{import_id}")
async def show_import(principal: AdminOnly, session: Reading, import_id: UUID) -> ImportView:
    """One import, and how far it was taken back."""
    return await queries.read_import(session, principal, import_id)


@router.post("/imports/{import_id}/undo", status_code=202)
async def undo_import(principal: AdminOnly, session: Transaction, import_id: UUID) -> ImportView:
    """Take an import back as a whole, in the regions within reach: all services forget its cases; their numbers are not
    given out again.

    409 when somebody has worked on a case. That one is claimed or accepted may be found out a moment later: the import is
    then `refused`, and nothing was changed. Asked again it changes nothing.
    """
    await ask_undo(session, principal, import_id, utc_now())
    return await queries.read_import(session, principal, import_id)
