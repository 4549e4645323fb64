"""Competence rules and their dry run."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from chassis.app import utc_now
from chassis.cursors import Cursor, Limit
from chassis.db import Reading, Transaction
from chassis.idempotency import Idempotent
from chassis.resources import resources_of
from chassis.security import AdminOnly, Principal, allowed
from chassis.strict_routes import Router
from chassis.versions import ExpectedVersion
from services.routing.actions import rules as changes
from services.routing.queries import reference
from services.routing.schemas.rules import ChangedRule, DryRun, DryRunResult, NewRule, RulePage, RuleView
from services.routing.schemas.types import Code, RegionCode

router = Router(prefix="/api/v1/rules", tags=["rules"])
Reader = Annotated[Principal, allowed("portal", "agency", "coordinator", "analyst")]


@router.get("")
async def list_rules(
    principal: Reader,
    session: Reading,
    request: Request,
    region: RegionCode | None = None,
    topic: Code | None = None,
    organisation: UUID | None = None,
    inactive: bool = False,
    limit: Limit = 100,
    cursor: Cursor = "",
) -> RulePage:
    """Competence rules, oldest first."""
    narrowed = {"inactive": inactive, "topic": topic, "organisation": organisation}
    cursors = resources_of(request).cursors
    return await reference.list_rules(session, principal, cursors, region, narrowed, cursor, limit)


@router.post("", response_model=RuleView, status_code=201)
async def add_rule(
    principal: AdminOnly, session: Transaction, idempotency: Idempotent, body: NewRule
) -> Response:
    """A new rule, in force at once."""
    principal.require_region(body.region)
    return await idempotency.run(
        session, principal, body, lambda: changes.create_rule(session, body), status=201
    )


@router.put("/{rule_id}")
async def replace_rule(
    principal: AdminOnly, session: Transaction, seen: ExpectedVersion, rule_id: UUID, body: ChangedRule
) -> RuleView:
    """Replace a rule; `active: false` switches it off."""
    return await changes.change_rule(session, principal, rule_id, seen, body)


@router.post("/dry-run")
async def dry_run_rules(
    principal: Annotated[Principal, allowed("coordinator")], session: Reading, body: DryRun
) -> DryRunResult:
    """Where the last days' appeals would have gone under other rules; stores nothing."""
    principal.require_region(body.region)
    return await changes.dry_run_rules(session, body, utc_now())
