"""The appeals of an incident."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import column, open_all_rows, rows
from chassis.pages import PageRequest
from chassis.principals import Principal
from services.routing.assignments.rules.statuses import Status
from services.routing.assignments.rules.words import text_of
from services.routing.incidents.queries.incidents import find_incident
from services.routing.incidents.schemas.incidents import IncidentAppeal, IncidentAppealPage
from services.routing.reference.queries.cache import read_reference
from services.routing.reference.schemas.organisations import OrganisationRef
from services.routing.tables.incidents import JoinedBy

_OF = "FROM routing.incident_report r WHERE r.region = :region AND r.incident_id = ANY(:incidents::uuid[])"
_IDS = f"SELECT r.assignment_id {_OF} ORDER BY r.assignment_id"
_COLUMNS = "r.assignment_id, r.appeal_id, r.incident_id, r.received_at, r.joined_by, r.similarity, r.kept_out"
_MEMBERS = f"SELECT {_COLUMNS} {_OF} ORDER BY r.assignment_id"
_AMONG = f"SELECT {_COLUMNS} {_OF} AND r.assignment_id = ANY(:among::uuid[]) ORDER BY r.assignment_id"
_PAGE = """
SELECT r.assignment_id, r.appeal_id, r.received_at, r.joined_by, r.similarity, a.number, a.channel, a.status,
    a.organisation_id, a.packed, a.text
FROM routing.incident_report r JOIN routing.assignment a ON a.region = r.region AND a.id = r.assignment_id
WHERE r.region = :region AND r.incident_id = :incident {after}
ORDER BY r.received_at, r.assignment_id LIMIT :limit
"""
_AFTER = "AND (r.received_at, r.assignment_id) > (:received_at, :id)"
_KIND = "appeals of an incident"


@dataclass(frozen=True, slots=True)
class Member:
    """An appeal of an incident, and how it came there."""

    assignment_id: UUID
    appeal_id: UUID
    incident_id: UUID
    received_at: datetime
    joined_by: JoinedBy | None
    similarity: float | None
    kept_out: bool


@dataclass(frozen=True, slots=True)
class _Listed:
    assignment_id: UUID
    appeal_id: UUID
    received_at: datetime
    joined_by: JoinedBy | None
    similarity: float | None
    number: str
    channel: str
    status: Status
    organisation_id: UUID | None
    packed: bytes | None
    text: str | None


async def read_member_ids(session: AsyncSession, region: str, incidents: Sequence[UUID]) -> list[UUID]:
    """The assignments of incidents, in the order of their ids."""
    return await column(session, UUID, _IDS, region=region, incidents=incidents)


async def read_members(session: AsyncSession, region: str, incidents: Sequence[UUID]) -> list[Member]:
    """The same with how they came there."""
    return await rows(session, Member, _MEMBERS, region=region, incidents=incidents)


async def read_members_among(
    session: AsyncSession, region: str, incident: UUID, among: Sequence[UUID]
) -> list[Member]:
    """Those of some assignments that are an incident's."""
    return await rows(session, Member, _AMONG, region=region, incidents=[incident], among=among)


async def list_members(
    session: AsyncSession, principal: Principal, incident_id: UUID, page: PageRequest
) -> IncidentAppealPage:
    """Oldest first, each with its masked text; for who sees the incident, wherever its appeals are."""
    incident = await find_incident(session, principal, incident_id)
    # Whoever holds the lead, or the centre of its municipality, sees all of the incident it may see.
    await open_all_rows(session)
    position = page.position(_KIND)
    received_at, id = position or (None, None)
    found = await rows(
        session,
        _Listed,
        _PAGE.format(after=_AFTER if position else ""),
        region=incident.region,
        incident=incident.id,
        received_at=received_at and datetime.fromisoformat(received_at),
        id=id and UUID(id),
        limit=page.limit + 1,
    )
    reference = await read_reference(session, incident.region)
    shown, following = page.cut(_KIND, found, lambda last: (last.received_at, str(last.assignment_id)))
    items = [
        IncidentAppeal(
            appeal_id=each.appeal_id,
            assignment_id=each.assignment_id,
            number=each.number,
            text=text_of(each.packed, each.text),
            channel=each.channel,
            received_at=each.received_at,
            joined_by=each.joined_by or "rule",
            similarity=each.similarity,
            status=each.status,
            organisation=OrganisationRef.maybe(each.organisation_id, reference),
        )
        for each in shown
    ]
    return IncidentAppealPage(items=items, next_cursor=following)
