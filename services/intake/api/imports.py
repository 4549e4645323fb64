"""POST /api/v1/imports: cases that another system kept, with their own dates."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import Request
from fastapi.responses import Response

from chassis.app import utc_now
from chassis.bodies import require_ndjson
from chassis.security import AdminOnly
from chassis.strict_routes import Router, ignored_by, log_ignored
from chassis.telemetry import traceparent_now
from services.intake.actions.imports import prepare_import
from services.intake.actions.submissions import Submission
from services.intake.api.batches import BatchAnswer, ndjson_route, read_line
from services.intake.api.groups import Groups
from services.intake.schemas.imports import PastCase

router = Router(prefix="/api/v1", tags=["imports"])


_EXAMPLE = (
    '{"external_id": "2024-1", "region": "46", "text": "Яма на дороге у дома 5", '
    '"received_at": "2024-02-01T10:05:00+03:00", "closed_at": "2024-02-09T16:00:00+03:00"}'
)


@router.post("/imports", **ndjson_route("past case", _EXAMPLE))
async def import_cases(principal: AdminOnly, request: Request) -> Response:
    """Take over up to 10,000 past cases; answers like a batch of appeals. A repeat by `external_id` answers 200."""
    require_ndjson(request.headers.get("content-type", ""))
    groups: Groups = request.app.state.groups
    ignored = ignored_by(request)

    def prepare(number: int, line: bytes) -> Submission:
        return prepare_import(
            groups.secrets,
            read_line(PastCase, line, principal, ignored),
            client_id=principal.client_id,
            now=utc_now(),
            traceparent=traceparent_now.get(),
        )

    async def make_months(cases: Iterable[Submission]) -> None:
        await request.app.state.months.make(case.id for case in cases)

    return BatchAnswer(groups, prepare, lambda: log_ignored(request, ignored, PastCase), make_months)
