"""Creating and changing one competence rule."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import row, scalar
from chassis.principals import Principal
from chassis.problems import NotFound, Problem
from chassis.versions import require_version
from services.routing.reference.actions.versions import lock_reference, raise_version
from services.routing.reference.queries.cache import load_region_reference
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.schemas.organisations import require_chosen_unchanged
from services.routing.reference.schemas.rules import ChangedRule, NewRule, RuleFields, RuleView
from services.routing.tables.reference import Rule

_REGION_OF = "SELECT region FROM routing.rule WHERE region = ANY(:regions::text[]) AND id = :id"
_CURRENT = "SELECT * FROM routing.rule WHERE region = :region AND id = :id"
_SAME = """
SELECT 1 FROM routing.rule WHERE region = :region AND topic IS NOT DISTINCT FROM :topic::text
AND group_code IS NOT DISTINCT FROM :group::text AND municipality IS NOT DISTINCT FROM :municipality::text
AND organisation_id = :organisation AND role = :role AND service IS NOT DISTINCT FROM :service::text
AND valid_from IS NOT DISTINCT FROM :valid_from::date AND valid_to IS NOT DISTINCT FROM :valid_to::date
AND season_from IS NOT DISTINCT FROM :season_from::text AND season_to IS NOT DISTINCT FROM :season_to::text
AND id <> :id
"""
_CREATE = """
INSERT INTO routing.rule (region, id, topic, group_code, municipality, organisation_id, role, comment, position,
    valid_from, valid_to, season_from, season_to, service)
VALUES (:region, :id, :topic, :group, :municipality, :organisation, :role, :comment, :position,
    :valid_from, :valid_to, :season_from, :season_to, :service) RETURNING *
"""
_CHANGE = """
UPDATE routing.rule SET topic = :topic, group_code = :group, municipality = :municipality,
    organisation_id = :organisation, role = :role, comment = :comment, active = :active, position = :position,
    valid_from = :valid_from, valid_to = :valid_to, season_from = :season_from, season_to = :season_to,
    service = :service, version = version + 1
WHERE region = :region AND id = :id RETURNING *
"""


class RuleExists(Problem):
    status, slug, title = 409, "rule-exists", "The region has this rule already"


async def create_rule(session: AsyncSession, body: NewRule) -> RuleView:
    """A new rule."""
    await lock_reference(session, body.region)
    reference = await load_region_reference(session, body.region)
    body.require_known(reference)
    rule_id: UUID = uuid7()
    await _require_single(session, body.region, rule_id, body)
    created = await row(session, Rule, _CREATE, id=rule_id, **body.model_dump())
    return await _announce(session, created, reference)


async def change_rule(
    session: AsyncSession, principal: Principal, rule_id: UUID, expected_version: int, body: ChangedRule
) -> RuleView:
    """Replace a rule; `active: false` switches it off."""
    regions = principal.regions_within()
    region = await scalar(session, str, _REGION_OF, regions=regions, id=rule_id)
    if region is None:
        raise NotFound
    await lock_reference(session, region)
    reference = await load_region_reference(session, region)
    stored = await row(session, Rule, _CURRENT, region=region, id=rule_id)
    assert stored is not None
    require_version(stored.version, expected_version)
    fields = body.fields()
    fields.require_known(reference)
    current = RuleView.of(stored, reference)
    require_chosen_unchanged(reference, body, body.organisation, current, current.organisation.name)
    await _require_single(session, region, rule_id, fields)
    changed = await row(
        session, Rule, _CHANGE, region=region, id=rule_id, active=body.active, **fields.model_dump()
    )
    return await _announce(session, changed, reference)


async def _announce(session: AsyncSession, changed: Rule | None, reference: RegionReference) -> RuleView:
    assert changed is not None
    await raise_version(session, changed.region)
    return RuleView.of(changed, reference)


async def _require_single(session: AsyncSession, region: str, rule_id: UUID, rule: RuleFields) -> None:
    if await scalar(session, int, _SAME, **rule.model_dump() | {"region": region, "id": rule_id}):
        raise RuleExists
