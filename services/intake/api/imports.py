"""POST /api/v1/imports: cases that another system kept, with their own dates."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter, Request
from fastapi.responses import Response

from chassis.app import utc_now
from chassis.security import AdminOnly
from chassis.telemetry import traceparent_now
from services.intake.actions.imports import prepare_import
from services.intake.actions.submissions import Submission
from services.intake.api.batches import BatchAnswer, ndjson_route, read_line, require_ndjson
from services.intake.api.groups import Groups
from services.intake.schemas.imports import PastCase

router = APIRouter(prefix="/api/v1", tags=["imports"])


@router.post("/imports", **ndjson_route("past case"))
async def import_cases(principal: AdminOnly, request: Request) -> Response:
    """Take over up to 10,000 past cases; answers like a batch of appeals. A repeat by `external_id` answers 200."""
    require_ndjson(request)
    groups: Groups = request.app.state.groups

    def prepare(number: int, line: bytes) -> Submission:
        return prepare_import(
            groups.secrets,
            read_line(PastCase, line, principal),
            client_id=principal.client_id,
            now=utc_now(),
            traceparent=traceparent_now.get(),
        )

    async def make_months(cases: Iterable[Submission]) -> None:
        await request.app.state.months.make(case.id for case in cases)

    return BatchAnswer(groups, prepare, make_months)
