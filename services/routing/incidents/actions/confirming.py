"""A coordinator confirms that appeals are about one event: from then on one organisation answers them."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import NotAllowedNow
from services.routing.incidents.actions.gathering import IncidentRequest, begin_act, question_of
from services.routing.incidents.actions.journal import Done, finish_act, next_number
from services.routing.incidents.actions.moving import give_to_lead
from services.routing.incidents.actions.showing import show_acted
from services.routing.incidents.actions.steps import keep_steps
from services.routing.incidents.rules.leading import choose_lead
from services.routing.incidents.schemas.incidents import ActedIncident, Confirmation


async def confirm_incident(
    session: AsyncSession, request: IncidentRequest, body: Confirmation
) -> ActedIncident:
    """Its lead is the organisation that holds most of its open questions, and gets those that others hold. 409 where no
    organisation holds any."""
    gathered = await begin_act(session, request)
    before = gathered.incident
    if before.status != "proposed":
        raise NotAllowedNow("The incident is {status}.", values={"status": before.status})
    lead = choose_lead(map(question_of, gathered.locked.values()), gathered.reference)
    if lead is None:
        raise NotAllowedNow("No organisation holds any of its appeals; correct one of them first.")
    moves = await give_to_lead(session, gathered.assignments_of(gathered.members), lead)
    number = await next_number(session, before.region)
    moved = {each.before.assignment.id for each in moves.moved}
    moving = [each for each in gathered.members if each.assignment_id in moved]
    await keep_steps(session, number, before, moving, moves.moved)
    after = replace(
        before, status="confirmed", organisation_id=lead, title=(body.title or before.title).strip()
    )
    (confirmed,) = await finish_act(session, [Done("confirm", before, after)], gathered.at, number)
    return await show_acted(session, confirmed, len(moves.moved), moves.staying)
