"""What every act on incidents ends with: the incidents written and announced, what was done kept in the journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import ACTING_CLIENT, ACTING_PERSON, insert_rows, rows, scalar, update_rows
from services.routing.incidents.actions.announcing import announce
from services.routing.tables.incident_acts import ActName, IncidentAct, incident_act
from services.routing.tables.incidents import Incident, IncidentStatus, incident

_NEXT = "SELECT coalesce(max(number), 0) + 1 FROM routing.incident_act WHERE region = :region"
# An incident without appeals keeps its days.
_RECOUNT = """
UPDATE routing.incident i SET appeals = m.appeals, started_at = coalesce(m.first_at, i.started_at),
    last_at = coalesce(m.last_at, i.last_at)
FROM unnest(:ids::uuid[]) AS k(id)
CROSS JOIN LATERAL (
    SELECT count(*)::int AS appeals, min(r.received_at) AS first_at, max(r.received_at) AS last_at
    FROM routing.incident_report r WHERE r.region = :region AND r.incident_id = k.id
) AS m
WHERE i.region = :region AND i.id = k.id RETURNING i.*
"""


@dataclass(frozen=True, slots=True)
class Done:
    """What an act did to one incident: how it was, how it is to be. `other`: the other one it is about."""

    act: ActName
    before: Incident
    after: Incident
    other: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Written:
    """The columns that people's acts change."""

    region: str
    id: UUID
    status: IncidentStatus
    title: str
    organisation_id: UUID | None
    merged_into: UUID | None
    answered_at: datetime | None
    touched: bool
    version: int


async def next_number(session: AsyncSession, region: str) -> int:
    """The number of the next act of a region, whose incidents are locked."""
    number = await scalar(session, int, _NEXT, region=region)
    assert number is not None
    return number


async def finish_act(
    session: AsyncSession, done: Sequence[Done], at: datetime, number: int | None = None
) -> list[Incident]:
    """Write the incidents, count their appeals anew, announce them; as they are then, in the same order. `number`: under which
    the first of them is kept, where steps of the act have it already."""
    region = done[0].after.region
    first = number or await next_number(session, region)
    await update_rows(session, incident, [_written(each.after) for each in done], keys=("region", "id"))
    after = await recount(session, region, [each.after.id for each in done])
    acts = [_act(session, each, after[place].version, first + place, at) for place, each in enumerate(done)]
    await insert_rows(session, incident_act, acts)
    await announce(session, after)
    return after


async def note_joining(session: AsyncSession, joined: Incident, at: datetime, number: int) -> None:
    """Keep that later appeals went to the lead: no act of a person, which changes nothing of the incident itself."""
    await insert_rows(
        session, incident_act, [_act(session, Done("join", joined, joined), joined.version, number, at)]
    )


async def recount(session: AsyncSession, region: str, ids: Sequence[UUID]) -> list[Incident]:
    """How many appeals incidents have, from when to when; they as they are then, in the same order."""
    counted = await rows(session, Incident, _RECOUNT, region=region, ids=ids)
    by_id = {each.id: each for each in counted}
    return [by_id[id] for id in ids]


def _written(after: Incident) -> _Written:
    return _Written(
        region=after.region,
        id=after.id,
        status=after.status,
        title=after.title,
        organisation_id=after.organisation_id,
        merged_into=after.merged_into,
        answered_at=after.answered_at,
        touched=True,
        version=after.version + 1,
    )


def _act(session: AsyncSession, done: Done, version: int, number: int, at: datetime) -> IncidentAct:
    return IncidentAct(
        region=done.before.region,
        number=number,
        incident_id=done.before.id,
        act=done.act,
        other_id=done.other,
        status_before=done.before.status,
        version=version,
        client_id=session.info.get(ACTING_CLIENT),
        person=session.info.get(ACTING_PERSON),
        at=at,
    )
