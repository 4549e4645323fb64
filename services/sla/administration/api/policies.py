"""Policies: list, add, change, try."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from uuid_utils.compat import uuid7

from chassis.cursors import Cursor, Limit
from chassis.db import Reading, Transaction
from chassis.idempotency import Idempotent
from chassis.moments import utc_now
from chassis.principals import Principal
from chassis.problems import Unprocessable
from chassis.resources import resources_of
from chassis.security import AdminOnly, allowed
from chassis.strict_routes import Router
from chassis.versions import ExpectedVersion
from services.sla.administration.actions.policies import add_policy
from services.sla.administration.actions.policies import change_policy as change
from services.sla.administration.queries import try_policy
from services.sla.administration.schemas.policies import (
    DryRun,
    DryRunBody,
    Policies,
    PolicyBody,
    PolicyChange,
    PolicyView,
    show_policy,
)
from services.sla.calendars.schemas import Region
from services.sla.policies.queries import read_region_configs
from services.sla.policies.rules.policies import Policy, parse_policy

router = Router(prefix="/api/v1/policies", tags=["policies"])


@router.get("")
async def list_policies(
    principal: Annotated[Principal, allowed("coordinator")],
    session: Reading,
    request: Request,
    region: Region | None = None,
    limit: Limit = 1000,
    cursor: Cursor = "",
) -> Policies:
    """The newest version of every policy; defaults are in force without any set-up. Without a region: those of the
    token, or of none when it may act everywhere."""
    regions = [] if region is None and principal.is_everywhere else principal.regions_within(region)
    newest: dict[str, Policy] = {}
    for config in (await read_region_configs(session, regions)).values() if regions else ():
        for policy in config.policies:
            if policy.id not in newest or newest[policy.id].version < policy.version:
                newest[policy.id] = policy
    cursors = resources_of(request).cursors
    page, following = cursors.cut("policies", list(newest.values()), lambda policy: policy.id, cursor, limit)
    return Policies(items=[show_policy(policy) for policy in page], next_cursor=following)


@router.post("", status_code=201, response_model=PolicyView)
async def create_policy(
    principal: AdminOnly, session: Transaction, idempotency: Idempotent, body: PolicyBody
) -> Response:
    """Add a policy of a region, in force from now or from a later `valid_from`."""

    async def act() -> PolicyView:
        return show_policy(await add_policy(session, principal, body.as_data()))

    return await idempotency.run(session, principal, body, act, 201)


@router.put("/{policy_id}")
async def change_policy(
    principal: AdminOnly,
    session: Transaction,
    policy_id: UUID,
    expected_version: ExpectedVersion,
    body: PolicyChange,
) -> PolicyView:
    """The next version, from now on; running clocks keep theirs unless `reapply`."""
    return show_policy(await change(session, principal, policy_id, expected_version, body))


@router.post("/dry-run")
async def dry_run_policy(principal: AdminOnly, session: Reading, body: DryRunBody) -> DryRun:
    """What would have been had the policy stood in the last days. Stores nothing."""
    principal.require_region(body.region)
    fixed = {"id": str(body.policy_id or uuid7()), "region": body.region, "valid_from": utc_now()}
    try:
        policy = parse_policy({**body.policy.as_data(), **fixed, "valid_to": None, "version": 1})
    except (ValueError, TypeError) as error:
        raise Unprocessable(str(error)) from None
    policy = replace(policy, valid_from=utc_now() - timedelta(days=body.days, hours=1))
    return await try_policy(session, body.region, policy, body.days, body.limit)
