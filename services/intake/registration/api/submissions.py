"""POST /api/v1/appeals."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel

from chassis.bodies import read_body, require_json
from chassis.logs import traceparent_now
from chassis.moments import utc_now
from chassis.problems import Problem, Unprocessable
from chassis.resources import resources_in
from chassis.security import Allow
from chassis.strict_routes import Router, check_query, ignored_by, report_ignored
from services.intake.originals.rules import Secrets
from services.intake.registration.actions.entering import check_entry
from services.intake.registration.actions.preparing import (
    IDEMPOTENCY_KEY,
    Accepted,
    RepeatKey,
    make_key,
    prepare_submission,
)
from services.intake.registration.api.receptions import find_wrong_receptions
from services.intake.registration.schemas import NewAppeal, Receipt
from services.intake.resources import IntakeResources

router = Router(prefix="/api/v1", tags=["appeals"])
MAY_SUBMIT = Allow("portal", "coordinator")
KEY_HEADER = "idempotency-key"
LONGEST_KEY = 255


def describe_body(model: type[BaseModel]) -> dict[str, Any]:
    """JSON Schema of a body without references into a document this route is not part of."""
    schema = model.model_json_schema()
    parts = schema.pop("$defs", {})

    def inline(node: Any) -> Any:
        match node:
            case {"$ref": reference}:
                return inline(parts[reference.rpartition("/")[2]])
            case dict():
                return {key: inline(value) for key, value in node.items()}
            case list():
                return [inline(value) for value in node]
            case _:
                return node

    return dict(inline(schema))


KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
}


# The hottest route there is: it reads its request itself, which saves a third of what the framework takes. What the
# framework would have told the OpenAPI document stands in `openapi_extra`.
@router.post(
    "/appeals",
    status_code=201,
    response_model=Receipt,
    responses={200: {"model": Receipt, "description": "Known already by its external_id"}},
    openapi_extra={
        "x-roles": list(MAY_SUBMIT.roles),
        "parameters": [KEY_PARAMETER],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": describe_body(NewAppeal)}},
        },
    },
)
async def submit_appeal(request: Request) -> Response:
    """Register an appeal. A repeat by `external_id` answers 200, by `Idempotency-Key` the first answer again."""
    principal = await MAY_SUBMIT(request)
    ignored = ignored_by(request)
    check_query(request, {}, ignored)
    require_json(request.headers.get("content-type", ""))
    groups = resources_in(request.app, IntakeResources).groups
    once = read_key(request, groups.secrets, principal.client_id)
    new = read_body(NewAppeal, await request.body(), ignored)
    principal.require_region(new.region)
    now = utc_now()
    check_entry(principal, new, now)
    item = prepare_submission(
        groups.secrets,
        new,
        client_id=principal.client_id,
        now=now,
        once=once,
        traceparent=traceparent_now.get(),
    )
    if new.reception_id is not None:
        for problem in (await find_wrong_receptions(request, [item])).values():
            raise problem
    outcome = await groups.submit(item)
    if isinstance(outcome, Problem):
        raise outcome
    answer = _receipt(outcome, item.notice)
    report_ignored(request, answer, ignored, NewAppeal)
    return answer


def read_key(request: Request, secrets: Secrets, client_id: str) -> RepeatKey | None:
    """The request's Idempotency-Key, hashed."""
    key = request.headers.get(KEY_HEADER)
    if key is None:
        return None
    check_key(key)
    return make_key(secrets, IDEMPOTENCY_KEY, client_id, key)


def check_key(key: str) -> None:
    """422 for a key that is empty or too long."""
    if not key.strip() or len(key) > LONGEST_KEY:
        raise Unprocessable("Idempotency-Key holds 1 to {most} characters.", values={"most": LONGEST_KEY})


def _receipt(accepted: Accepted, notice: str | None) -> Response:
    body = {
        "id": str(accepted.id),
        "number": accepted.number,
        "tracking_code": accepted.code,
        "status": accepted.status,
        "received_at": accepted.received_at,
        "notice": notice,
    }
    headers = {"Location": f"/api/v1/appeals/{accepted.id}"}
    if accepted.replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(orjson.dumps(body), accepted.answer, headers, "application/json")
