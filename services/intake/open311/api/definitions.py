"""What is asked about a topic over Open311, set by administrators."""

from __future__ import annotations

from chassis.db import Reading, Transaction
from chassis.security import AdminOnly
from chassis.strict_routes import Router
from chassis.versions import ExpectedVersion
from services.intake.field_types import Code, RegionCode
from services.intake.open311.actions.defining import put_definition
from services.intake.open311.queries import services
from services.intake.open311.schemas.definitions import Definition, NewDefinition

router = Router(prefix="/api/v1/service-definitions/{region}/{topic}", tags=["open311"])


@router.get("")
async def read_definition(
    principal: AdminOnly, session: Reading, region: RegionCode, topic: Code
) -> Definition:
    """What senders are asked about a topic beside their words; version 0 is nothing."""
    principal.require_region(region)
    await services.require_topic(session, region, topic)
    return await services.read_definition(session, region, topic)


@router.put("")
async def replace_definition(
    principal: AdminOnly,
    session: Transaction,
    expected_version: ExpectedVersion,
    region: RegionCode,
    topic: Code,
    body: NewDefinition,
) -> Definition:
    """Replace what is asked; `If-Match` names the version seen. Requests that were sent before stay as they are."""
    principal.require_region(region)
    return await put_definition(session, principal, (region, topic), body, expected_version)
