"""A coordinator undoes an incident: everything is as it was before it, but for what somebody has worked on since.

The region's incidents are locked, so that nothing of the journal changes meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import run
from services.routing.assignments.actions.locks import LockedAssignment
from services.routing.incidents.actions.gathering import Gathered, IncidentRequest, begin_act
from services.routing.incidents.actions.giving_back import GivenBack, give_back
from services.routing.incidents.actions.journal import Done, finish_act, next_number
from services.routing.incidents.actions.moving import give_to_lead
from services.routing.incidents.actions.showing import show_acted
from services.routing.incidents.actions.steps import join_by_hand, keep_steps
from services.routing.incidents.queries.members import Member
from services.routing.incidents.queries.steps import read_merged, read_steps, read_with_followers
from services.routing.incidents.rules.taking_back import Membership, TakenBack, take_back
from services.routing.incidents.schemas.incidents import ActedIncident, Undoing
from services.routing.tables.incident_acts import IncidentStep
from services.routing.tables.incidents import Incident, IncidentStatus

_PUT_BACK = """
UPDATE routing.incident_report r SET incident_id = k.incident_id, joined_by = k.joined_by, similarity = k.similarity,
    kept_out = k.kept_out
FROM unnest(:ids::uuid[], :incidents::uuid[], :joined::text[], :similarities::float8[], :kept::boolean[])
    AS k(assignment_id, incident_id, joined_by, similarity, kept_out)
WHERE r.region = :region AND r.assignment_id = k.assignment_id
"""
_TAKE_BACK = """
UPDATE routing.incident_step s SET taken_back = true
FROM unnest(:numbers::int[], :ids::uuid[]) AS k(number, assignment_id)
WHERE s.region = :region AND s.number = k.number AND s.assignment_id = k.assignment_id
"""


@dataclass(frozen=True, slots=True)
class _Around:
    """The incidents that appeals may go back to. `restored`: those merged into the undone one, and what they were before."""

    undone: UUID
    incidents: Mapping[UUID, Incident]
    restored: Mapping[UUID, IncidentStatus]

    def stands(self, incident_id: UUID) -> bool:
        """Whether appeals can go back there, or to where that was merged into."""
        incident = self.incidents[incident_id]
        return incident.status != "undone" or incident.merged_into is not None

    def follow(self, incident_id: UUID) -> UUID:
        """Where an incident's appeals are once it is undone."""
        while incident_id not in self.restored and (next_one := self.incidents[incident_id].merged_into):
            incident_id = next_one
        return incident_id


async def undo_incident(session: AsyncSession, request: IncidentRequest, _: Undoing) -> ActedIncident:
    """409 once it was answered. What was merged into it is an incident again, what was split off goes back, the rest stands alone
    and is never joined again by a rule."""
    gathered = await begin_act(session, request)
    undone, region = gathered.incident, gathered.incident.region
    steps = await read_steps(session, region, [each.assignment_id for each in gathered.members])
    around = await _look_around(session, undone, (step for each in steps.values() for step in each))
    taken = {
        each.assignment_id: take_back(steps.get(each.assignment_id, ()), undone.id, around.stands)
        for each in gathered.members
    }
    await _put_back(session, region, taken)
    given = await give_back(session, gathered.locked, {id: each.steps for id, each in taken.items()})
    number = await next_number(session, region)
    await _follow_merged(session, gathered, taken, given, around, number)
    done = [Done("undo", undone, replace(undone, status="undone")), *_changed(undone, taken, around)]
    after = await finish_act(session, done, gathered.at, number)
    return await show_acted(session, after[0], len(given.moved), given.staying)


async def _look_around(session: AsyncSession, undone: Incident, steps: Iterable[IncidentStep]) -> _Around:
    restored = await read_merged(session, undone)
    places = {step.from_incident for step in steps} | restored.keys()
    return _Around(undone.id, await read_with_followers(session, undone.region, places), restored)


async def _put_back(
    session: AsyncSession, region: str, taken: Mapping[UUID, TakenBack[IncidentStep]]
) -> None:
    to: Sequence[Membership] = [each.membership for each in taken.values()]
    await run(
        session,
        _PUT_BACK,
        region=region,
        ids=list(taken),
        incidents=[each.incident_id for each in to],
        joined=[each.joined_by for each in to],
        similarities=[each.similarity for each in to],
        kept=[each.kept_out for each in to],
    )
    steps = [step for each in taken.values() for step in each.steps]
    numbers, ids = [step.number for step in steps], [step.assignment_id for step in steps]
    await run(session, _TAKE_BACK, region=region, numbers=numbers, ids=ids)


async def _follow_merged(
    session: AsyncSession,
    gathered: Gathered,
    taken: Mapping[UUID, TakenBack[IncidentStep]],
    given: GivenBack,
    around: _Around,
    number: int,
) -> None:
    """Where an appeal came from was merged into another incident meanwhile: it goes there too, as if it had been there then."""
    following: defaultdict[UUID, list[Member]] = defaultdict(list)
    for each in gathered.members:
        back = taken[each.assignment_id].membership
        if back.incident_id is not None and (to := around.follow(back.incident_id)) != back.incident_id:
            following[to].append(
                replace(
                    each,
                    incident_id=back.incident_id,
                    joined_by=back.joined_by,
                    similarity=back.similarity,
                    kept_out=back.kept_out,
                )
            )
    for to, coming in sorted(following.items()):
        into = around.incidents[to]
        locked: list[LockedAssignment] = [
            given.locked[each.assignment_id] for each in coming if each.assignment_id in given.locked
        ]
        lead, before = into.organisation_id, gathered.locked
        moves = await give_to_lead(session, locked, lead, before=before) if lead else None
        await join_by_hand(session, into, coming)
        await keep_steps(session, number, into, coming, moves.moved if moves else ())


def _changed(undone: Incident, taken: Mapping[UUID, TakenBack[IncidentStep]], around: _Around) -> list[Done]:
    """Incidents that are there again, and those that have more appeals now."""
    places = [each.membership.incident_id for each in taken.values()]
    receiving = {around.follow(place) for place in places if place is not None}
    changed = []
    for id in sorted(receiving | around.restored.keys()):
        before = around.incidents[id]
        after = before
        if id in around.restored:
            after = replace(before, status=around.restored[id], merged_into=None)
        changed.append(Done("restore", before, after, undone.id))
    return changed
