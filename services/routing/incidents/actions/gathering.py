"""What every act on incidents begins with: their assignments locked, then the region's incidents, then they themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import open_all_rows, row, rows, scalar
from chassis.principals import Principal
from chassis.problems import NotAllowedNow, NotFound
from chassis.versions import require_version
from services.routing.assignments.actions.locks import LockedAssignment, lock_assignments
from services.routing.incidents.actions.locking import lock_incidents
from services.routing.incidents.queries.incidents import find_incident
from services.routing.incidents.queries.members import Member, read_member_ids, read_members
from services.routing.incidents.rules.leading import Question
from services.routing.reference.queries.cache import read_reference
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.tables.incident_acts import IncidentAnswer
from services.routing.tables.incidents import OPEN_INCIDENTS, Incident

_LOCK = """
SELECT * FROM routing.incident WHERE region = :region AND id = ANY(:ids::uuid[]) ORDER BY id FOR NO KEY UPDATE
"""
_ACTED = """
SELECT max(version) FROM routing.incident_act WHERE region = :region AND incident_id = :id AND act <> 'join'
"""
_ANSWER = "SELECT * FROM routing.incident_answer WHERE region = :region AND incident_id = :id"
_NOW = "SELECT clock_timestamp()"


@dataclass(frozen=True, slots=True)
class IncidentRequest:
    """Who wants to act on which incident, in the version it was seen in."""

    principal: Principal
    incident_id: UUID
    expected_version: int


@dataclass(frozen=True, slots=True)
class Gathered:
    """Incidents of one region, locked, the acted one first; their appeals, and the assignments that could be locked."""

    incidents: Sequence[Incident]
    members: Sequence[Member]
    locked: dict[UUID, LockedAssignment]
    reference: RegionReference
    at: datetime

    @property
    def incident(self) -> Incident:
        """The one that is acted on."""
        return self.incidents[0]

    def assignments_of(self, members: Iterable[Member]) -> list[LockedAssignment]:
        """Those of some appeals, without any that somebody else holds at this moment."""
        return [self.locked[each.assignment_id] for each in members if each.assignment_id in self.locked]


async def begin_act(session: AsyncSession, request: IncidentRequest, *others: UUID) -> Gathered:
    """404 for incidents out of reach; 412 when somebody has acted on it meanwhile; 409 unless all are open, none is a planned
    work's, and none is answered as a whole."""
    found = [
        await find_incident(session, request.principal, id)
        for id in dict.fromkeys([request.incident_id, *others])
    ]
    region = found[0].region
    if {each.region for each in found} != {region}:
        raise NotFound
    # Reach has been checked: from here on it is about all of its appeals, whoever has them.
    await open_all_rows(session)
    gathered = await gather(session, region, [each.id for each in found])
    await require_unchanged(session, gathered.incident, request.expected_version)
    for incident in gathered.incidents:
        await _require_open(session, incident)
    return gathered


async def gather(session: AsyncSession, region: str, ids: Sequence[UUID]) -> Gathered:
    """Lock everything in the order that all keep. An appeal that joins between the first and the last lock has its assignment
    locked as well, unless somebody else holds that."""
    before = await read_member_ids(session, region, ids)
    locked = await lock_assignments(session, [(region, id) for id in before])
    await lock_incidents(session, region)
    stored = {each.id: each for each in await rows(session, Incident, _LOCK, region=region, ids=ids)}
    members = await read_members(session, region, ids)
    joined = sorted({each.assignment_id for each in members} - {each.assignment.id for each in locked})
    locked += await lock_assignments(session, [(region, id) for id in joined], only_free=True)
    at = await scalar(session, datetime, _NOW)
    assert at is not None
    return Gathered(
        incidents=[stored[id] for id in ids if id in stored],
        members=members,
        locked={each.assignment.id: each for each in locked},
        reference=await read_reference(session, region),
        at=at,
    )


async def lock_incident(session: AsyncSession, found: Incident) -> Incident:
    """One incident as it is now, without its assignments, which may not be locked after it."""
    await lock_incidents(session, found.region)
    (locked,) = await rows(session, Incident, _LOCK, region=found.region, ids=[found.id])
    return locked


async def require_unchanged(session: AsyncSession, incident: Incident, expected: int) -> None:
    """412 when a person has acted on it since that version. That appeals have come since changes nothing of what was decided,
    and they come every few seconds while it lasts."""
    acted = await scalar(session, int, _ACTED, region=incident.region, id=incident.id) or 1
    require_version(
        incident.version, expected if not acted <= expected <= incident.version else incident.version
    )


async def _require_open(session: AsyncSession, incident: Incident) -> None:
    if await read_answer(session, incident) is not None:
        raise NotAllowedNow("The incident is answered as a whole.")
    if incident.status not in OPEN_INCIDENTS:
        raise NotAllowedNow("The incident is {status}.", values={"status": incident.status})
    if incident.work_id is not None:
        raise NotAllowedNow("Appeals of a planned work are answered by its notice.")


async def read_answer(session: AsyncSession, incident: Incident) -> IncidentAnswer | None:
    """The answer to it as a whole, if one was given."""
    return await row(session, IncidentAnswer, _ANSWER, region=incident.region, id=incident.id)


def question_of(locked: LockedAssignment) -> Question:
    """An assignment as the rules see it."""
    assignment = locked.assignment
    return Question(
        assignment_id=assignment.id,
        received_at=assignment.received_at,
        status=assignment.status,
        organisation_id=assignment.organisation_id,
        complained_about=assignment.complained_about,
        leased=assignment.is_leased(locked.at),
    )
