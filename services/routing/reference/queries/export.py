"""A region's reference data as PUT takes it: sent to another installation it makes the same."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from services.routing.reference.schemas.exports import (
    ExportedGroup,
    ExportedMunicipality,
    ExportedOrganisation,
    ExportedReference,
    ExportedRule,
    ExportedServiceArea,
    ExportedSettlement,
    ExportedStreet,
    ExportedTopic,
)

_GROUPS = "SELECT code, name FROM routing.topic_group WHERE region = :region ORDER BY code"
_TOPICS = """
SELECT code, name, group_code AS "group", active FROM routing.topic WHERE region = :region ORDER BY code
"""
_ORGANISATIONS = """
SELECT o.code, o.name, o.kind, p.code AS parent, o.municipality, o.active FROM routing.organisation o
LEFT JOIN routing.organisation p ON p.region = o.region AND p.id = o.parent_id WHERE o.region = :region ORDER BY o.code
"""
_MUNICIPALITIES = """
SELECT oktmo, name, kind, stems, population FROM routing.municipality WHERE region = :region ORDER BY oktmo
"""
_SETTLEMENTS = """
SELECT code, name, nullif(kind, '') AS kind, municipality, oktmo, nullif(formation, '') AS formation, lat, lon, population,
    aliases, namesakes
FROM routing.settlement WHERE region = :region ORDER BY code
"""
_STREETS = "SELECT settlement, name FROM routing.street WHERE region = :region ORDER BY settlement, name"
_RULES = """
SELECT r.topic, r.group_code AS "group", r.municipality, o.code AS organisation, r.role, r.comment, r.active, r.position,
    r.valid_from, r.valid_to, r.season_from, r.season_to, r.service
FROM routing.rule r JOIN routing.organisation o ON o.region = r.region AND o.id = r.organisation_id
WHERE r.region = :region ORDER BY r.id
"""
_SERVICE_AREAS = """
SELECT o.code AS organisation, a.service, a.municipality, a.settlement, a.street, a.houses, a.valid_from, a.valid_to, a.comment
FROM routing.service_area a JOIN routing.organisation o ON o.region = a.region AND o.id = a.organisation_id
WHERE a.region = :region ORDER BY a.municipality, a.street_key, a.id
"""


async def export_reference(session: AsyncSession, region: str) -> ExportedReference:
    """Everything that has a code, in use or not; settings are exported by their own address."""
    return ExportedReference(
        groups=await rows(session, ExportedGroup, _GROUPS, region=region),
        topics=await rows(session, ExportedTopic, _TOPICS, region=region),
        organisations=await rows(session, ExportedOrganisation, _ORGANISATIONS, region=region),
        municipalities=await rows(session, ExportedMunicipality, _MUNICIPALITIES, region=region),
        settlements=await rows(session, ExportedSettlement, _SETTLEMENTS, region=region),
        streets=await rows(session, ExportedStreet, _STREETS, region=region),
        rules=await rows(session, ExportedRule, _RULES, region=region),
        service_areas=await rows(session, ExportedServiceArea, _SERVICE_AREAS, region=region),
    )
