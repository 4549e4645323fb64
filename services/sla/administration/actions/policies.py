"""Policies: added, or changed by a new version from now on; running clocks keep theirs unless it is re-applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import encode_json, run, scalar
from chassis.principals import Principal
from chassis.problems import NotFound, Unprocessable
from chassis.versions import require_version
from contracts.territories import REGIONS
from services.sla.administration.actions.decisions import refusing_nonsense
from services.sla.administration.schemas.policies import PolicyChange, show_policy
from services.sla.clocks.actions.recalculations import start_recalculation
from services.sla.policies.queries import decision_time, lock_region_config, renew_region_config
from services.sla.policies.rules.defaults import default_policies
from services.sla.policies.rules.policies import Policy, dump_policy, parse_policy
from services.sla.policies.rules.region_config import RegionConfig

LATE: Final = timedelta(seconds=60)  # so long a request may have been under way
_REGION: Final = "SELECT region FROM sla.policy WHERE policy_id = :id LIMIT 1"
_STORE: Final = (
    "INSERT INTO sla.policy (region, policy_id, version, data, created_by) "
    "VALUES (:region, :id, :version, :data, :created_by)"
)


async def add_policy(session: AsyncSession, principal: Principal, data: Mapping[str, Any]) -> Policy:
    """A new policy of `data["region"]`, in force from `valid_from` (default: now; never earlier)."""
    principal.require_region(data["region"])
    before = await lock_region_config(session, data["region"])
    policy = _draft({**data, "id": str(uuid7()), "version": 1}, await decision_time(session))
    await _store(session, principal, policy)
    await renew_region_config(session, before)
    return policy


async def change_policy(
    session: AsyncSession,
    principal: Principal,
    policy_id: UUID,
    expected_version: int,
    body: PolicyChange,
) -> Policy:
    """The next version of a policy (404, 412). `reapply`: running clocks take it over now and say why."""
    region = await _find_region(session, policy_id)
    if not principal.may_see(region):
        raise NotFound
    before = await lock_region_config(session, region)
    current = _newest(before, str(policy_id))
    require_version(current.version, expected_version)
    body.require_unchanged(show_policy(current))
    now = await decision_time(session)
    fixed = {"id": str(policy_id), "region": region, "version": current.version + 1}
    policy = _draft({**body.as_data(), **fixed}, now, current)
    if (policy.regime, policy.clock) != (current.regime, current.clock):
        raise Unprocessable("A policy keeps its regime and clock; add another policy instead.")
    if body.reapply and policy.valid_from > now:
        raise Unprocessable("Only a version that is in force now can be re-applied.")
    await _store(session, principal, policy)
    config = await renew_region_config(session, before)
    if body.reapply:
        cause = f"policy {policy_id} version {policy.version}"
        await start_recalculation(session, config, cause, policy_id=policy_id, clock=policy.clock)
    return policy


def _draft(data: Mapping[str, Any], now: datetime, current: Policy | None = None) -> Policy:
    """The policy as it would stand; `current`: the version it follows, whose dates may come back as they were."""
    with refusing_nonsense():
        policy = parse_policy({**data, "valid_from": data.get("valid_from") or now})
    starts, ends = (current.valid_from, current.valid_to) if current else (None, None)
    if policy.valid_from < now:
        recent = now - policy.valid_from <= LATE
        if not (recent or _same(policy.valid_from, starts)):
            raise Unprocessable(
                "A policy cannot start in the past: deadlines already told would move silently."
            )
        policy = replace(policy, valid_from=now)
    ends_early = policy.valid_to is not None and policy.valid_to < policy.valid_from
    if ends_early and not _same(policy.valid_to, ends):
        raise Unprocessable("valid_to lies before valid_from.")
    return policy


def _same(sent: datetime | None, stored: datetime | None) -> bool:
    """Whether an instant came back as it was read: clients keep fractions of a second or do not."""
    if sent is None or stored is None:
        return False
    return abs(sent - stored) < timedelta(seconds=1)


async def _find_region(session: AsyncSession, policy_id: UUID) -> str:
    """The region of a stored policy, or of a default one nobody has changed yet; 404 when there is none."""
    region = await scalar(session, str, _REGION, id=policy_id)
    known = [region] if region else [code for code in REGIONS if _is_default(code, str(policy_id))]
    if not known:
        raise NotFound
    return known[0]


def _is_default(region: str, policy_id: str) -> bool:
    return any(policy.id == policy_id for policy in default_policies(region))


def _newest(config: RegionConfig, policy_id: str) -> Policy:
    versions = [policy for policy in config.policies if policy.id == policy_id]
    return max(versions, key=lambda policy: policy.version)


async def _store(session: AsyncSession, principal: Principal, policy: Policy) -> None:
    await run(
        session,
        _STORE,
        region=policy.region,
        id=UUID(policy.id),
        version=policy.version,
        data=encode_json(dump_policy(policy)),
        created_by=principal.client_id,
    )
