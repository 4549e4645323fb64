"""Competence rules and their dry run."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi.responses import Response

from chassis.db import Reading, Transaction
from chassis.idempotency import Idempotent
from chassis.moments import utc_now
from chassis.pages import Page
from chassis.principals import Principal
from chassis.security import AdminOnly, allowed
from chassis.strict_routes import Router
from chassis.versions import ExpectedVersion
from services.routing.reference.actions import rules as rule_actions
from services.routing.reference.api.reference import Filters, Reader
from services.routing.reference.queries import dry_runs, lists
from services.routing.reference.schemas.dry_runs import DryRun, DryRunResult
from services.routing.reference.schemas.rules import ChangedRule, NewRule, RulePage, RuleView
from services.routing.reference.schemas.types import Code

router = Router(prefix="/api/v1/rules", tags=["rules"])


@router.get("")
async def list_rules(
    principal: Reader,
    session: Reading,
    filters: Filters,
    page: Page,
    topic: Code | None = None,
    organisation: UUID | None = None,
) -> RulePage:
    """Competence rules, oldest first."""
    return await lists.list_rules(session, principal, filters, page, topic, organisation)


@router.post("", response_model=RuleView, status_code=201)
async def add_rule(
    principal: AdminOnly, session: Transaction, idempotency: Idempotent, body: NewRule
) -> Response:
    """A new rule, in force at once."""
    principal.require_region(body.region)
    return await idempotency.run(
        session, principal, body, lambda: rule_actions.create_rule(session, body), status=201
    )


@router.put("/{rule_id}")
async def replace_rule(
    principal: AdminOnly,
    session: Transaction,
    expected_version: ExpectedVersion,
    rule_id: UUID,
    body: ChangedRule,
) -> RuleView:
    """Replace a rule; `active: false` switches it off."""
    return await rule_actions.change_rule(session, principal, rule_id, expected_version, body)


@router.post("/dry-run")
async def dry_run_rules(
    principal: Annotated[Principal, allowed("coordinator")], session: Reading, body: DryRun
) -> DryRunResult:
    """Where the last days' appeals would have gone under other rules, and what is wrong with these; stores nothing."""
    principal.require_region(body.region)
    return await dry_runs.dry_run_rules(session, body, utc_now())
