"""Setting what is asked about a topic."""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import encode_json, run
from chassis.principals import Principal
from chassis.versions import require_version
from services.intake.open311.queries.services import read_definition, require_topic
from services.intake.open311.schemas.definitions import Definition, NewDefinition

_LOCK: Final = (
    "SELECT pg_advisory_xact_lock(hashtext('service definition ' || :region::text || ' ' || :code::text))"
)
_PUT: Final = """
INSERT INTO intake.service_definition (region, code, attributes, version, changed_by)
VALUES (:region, :code, :attributes::jsonb, :version, :client)
ON CONFLICT (region, code) DO UPDATE SET attributes = excluded.attributes, version = excluded.version,
    changed_by = excluded.changed_by, changed_at = now()
"""


async def put_definition(
    session: AsyncSession,
    principal: Principal,
    place: tuple[str, str],
    new: NewDefinition,
    expected_version: int,
) -> Definition:
    """Replace what is asked about a topic (`place`: region and code). 404 for no topic, 412 when somebody was quicker."""
    region, code = place
    await run(session, _LOCK, region=region, code=code)
    await require_topic(session, region, code)
    current = await read_definition(session, region, code)
    require_version(current.version, expected_version)
    new.require_unchanged(current)
    version = expected_version + 1
    await run(
        session,
        _PUT,
        region=region,
        code=code,
        attributes=encode_json([each.model_dump(mode="json") for each in new.attributes]),
        version=version,
        client=principal.client_id,
    )
    return await read_definition(session, region, code)
