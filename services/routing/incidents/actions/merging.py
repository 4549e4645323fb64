"""A coordinator merges incidents: one event has been taken for two."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import Unprocessable
from services.routing.incidents.actions.gathering import IncidentRequest, begin_act
from services.routing.incidents.actions.journal import Done, finish_act, next_number
from services.routing.incidents.actions.moving import Moves, give_to_lead
from services.routing.incidents.actions.showing import show_acted
from services.routing.incidents.actions.steps import join_by_hand, keep_steps
from services.routing.incidents.schemas.incidents import ActedIncident, Merging

_NOTHING = Moves((), ())


async def merge_incident(session: AsyncSession, request: IncidentRequest, body: Merging) -> ActedIncident:
    """All its appeals go to the other incident, and to its lead if it is confirmed; the other one as it is then."""
    if body.into == request.incident_id:
        error = {"pointer": "/into", "message": "an incident is not merged into itself"}
        raise Unprocessable("See errors.", errors=[error])
    gathered = await begin_act(session, request, body.into)
    merged, into = gathered.incidents
    coming = [each for each in gathered.members if each.incident_id == merged.id]
    moves = _NOTHING
    if into.organisation_id is not None:
        moves = await give_to_lead(session, gathered.assignments_of(coming), into.organisation_id)
    await join_by_hand(session, into, coming)
    number = await next_number(session, merged.region)
    await keep_steps(session, number, into, coming, moves.moved)
    done = [
        Done("merge", merged, replace(merged, status="undone", merged_into=into.id), into.id),
        Done("receive", into, into, merged.id),
    ]
    _, after = await finish_act(session, done, gathered.at, number)
    return await show_acted(session, after, len(moves.moved), moves.staying)
