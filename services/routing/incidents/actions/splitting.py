"""A coordinator splits an incident: some of its appeals tell of something else."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_rows
from chassis.problems import Unprocessable
from services.routing.incidents.actions.gathering import Gathered, IncidentRequest, begin_act
from services.routing.incidents.actions.journal import Done, finish_act, next_number
from services.routing.incidents.actions.showing import show_acted
from services.routing.incidents.actions.steps import join_by_hand, keep_steps
from services.routing.incidents.queries.members import Member
from services.routing.incidents.schemas.incidents import ActedIncident, Split
from services.routing.tables.incidents import incident


async def split_incident(session: AsyncSession, request: IncidentRequest, body: Split) -> ActedIncident:
    """The named appeals are an incident of their own, as far as the old one was; no rule brings them back. 422 for appeals that
    are not in it, or are all of it."""
    gathered = await begin_act(session, request)
    leaving = _leaving(gathered, body.appeals)
    before = gathered.incident
    times = [each.received_at for each in leaving]
    born = replace(
        before,
        id=uuid7(),
        title=(body.title or before.title).strip(),
        started_at=min(times),
        last_at=max(times),
        appeals=len(leaving),
        touched=True,
        version=0,
    )
    await insert_rows(session, incident, [born])
    await join_by_hand(session, born, leaving, alone=len(leaving) == 1)
    number = await next_number(session, before.region)
    await keep_steps(session, number, born, leaving)
    done = [Done("split", before, before, born.id), Done("split", born, born, before.id)]
    _, split_off = await finish_act(session, done, gathered.at, number)
    return await show_acted(session, split_off)


def _leaving(gathered: Gathered, appeals: list[UUID]) -> list[Member]:
    named = set(appeals)
    leaving = [each for each in gathered.members if each.appeal_id in named]
    known = {each.appeal_id for each in leaving}
    errors = [
        {"pointer": f"/appeals/{place}", "message": "is no appeal of this incident"}
        for place, appeal_id in enumerate(appeals)
        if appeal_id not in known
    ]
    if not errors and len(leaving) == len(gathered.members):
        errors = [{"pointer": "/appeals", "message": "these are all of its appeals; one has to stay"}]
    if errors:
        raise Unprocessable("See errors.", errors=errors)
    return leaving
