"""People locked for a change: always before their sessions and trials, so that no two changes wait for each other."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row
from chassis.principals import Principal
from chassis.problems import Forbidden, NotFound
from gateway import tables
from gateway.reach import has_reach

_LOCK = "SELECT * FROM gateway.person WHERE id = :id FOR UPDATE"


async def lock_person(session: AsyncSession, person_id: UUID) -> tables.Person | None:
    """The person's row; None when there is none."""
    return await row(session, tables.Person, _LOCK, id=person_id)


async def lock_within_reach(session: AsyncSession, principal: Principal, person_id: UUID) -> tables.Person:
    """The same for an admin; 404 when there is none or it reaches beyond the admin's regions."""
    found = await lock_person(session, person_id)
    if found is None or not has_reach(principal, found.regions):
        raise NotFound
    return found


async def lock_oneself(session: AsyncSession, principal: Principal) -> tables.Person:
    """Who asks; 403 for a token of nobody who signs in here."""
    found = await lock_person(session, principal.person) if principal.person and principal.session else None
    if found is None:
        raise Forbidden("This needs the token of a person who has signed in here.")
    return found
