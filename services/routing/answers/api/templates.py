"""Templates of answers. Their places `{number}`, `{due_on}`, `{topic}`, `{organisation}`, `{received_on}` are filled for an assignment."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi.responses import Response

from chassis.db import Reading, Transaction
from chassis.idempotency import Idempotent
from chassis.pages import Page
from chassis.principals import Principal
from chassis.security import allowed
from chassis.strict_routes import Router
from chassis.versions import ExpectedVersion
from contracts.routing import Outcome
from services.routing.answers.actions import templates as actions
from services.routing.answers.queries import templates as queries
from services.routing.answers.schemas.templates import (
    ChangedTemplate,
    NewTemplate,
    TemplatePage,
    TemplateView,
)
from services.routing.reference.api.reference import Filters
from services.routing.reference.schemas.types import Code

router = Router(prefix="/api/v1/templates", tags=["templates"])
Writer = Annotated[Principal, allowed("agency")]


@router.get("")
async def list_templates(
    principal: Annotated[Principal, allowed("agency", "coordinator")],
    session: Reading,
    filters: Filters,
    page: Page,
    topic: Code | None = None,
    outcome: Outcome | None = None,
) -> TemplatePage:
    """Templates of the region and, for an organisation, its own; oldest first."""
    return await queries.list_templates(session, principal, filters, page, topic, outcome)


@router.post("", response_model=TemplateView, status_code=201)
async def add_template(
    principal: Writer, session: Transaction, idempotency: Idempotent, body: NewTemplate
) -> Response:
    """A new template: an administrator's for the region or one organisation, an organisation's for itself."""
    principal.require_region(body.region)
    return await idempotency.run(
        session,
        principal,
        body,
        lambda: actions.create_template(session, principal, body),
        status=201,
    )


@router.put("/{template_id}")
async def replace_template(
    principal: Writer,
    session: Transaction,
    expected_version: ExpectedVersion,
    template_id: UUID,
    body: ChangedTemplate,
) -> TemplateView:
    """Replace a template; `active: false` takes it out of use."""
    return await actions.change_template(session, principal, template_id, expected_version, body)
