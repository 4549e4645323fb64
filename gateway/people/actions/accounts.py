"""Accounts: made, changed and deactivated by admins."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_returning, scalar, update_returning
from chassis.principals import Principal
from chassis.versions import require_version
from gateway import tables
from gateway.people.actions.ending import end_sessions, void_links
from gateway.people.actions.journal import Actor, record_change
from gateway.people.actions.locks import lock_within_reach
from gateway.people.problems import LoginTaken
from gateway.people.rules.logins import login_key
from gateway.people.schemas import PersonBody, PersonCreate, PersonReplacement, PersonView
from gateway.reach import require_reach

# Of two who take the same login at once the second waits, and is told.
_LOCK_LOGIN = "SELECT pg_advisory_xact_lock(hashtextextended('login ' || :login, 46))"
_IS_TAKEN = "SELECT EXISTS (SELECT FROM gateway.person WHERE login_key = :login AND id <> :id)"
_SHOWN = (
    "login",
    "name",
    "position",
    "email",
    "role",
    "regions",
    "municipalities",
    "organisation_id",
    "active",
)


async def create_person(session: AsyncSession, principal: Principal, body: PersonCreate) -> tables.Person:
    """A new person, who cannot sign in before an invitation is accepted. 403 beyond the admin's regions, 409 for a login
    that somebody has."""
    require_reach(principal, body.scope)
    new = {"id": uuid7(), **_stored(body)}
    await _require_free(session, new["login_key"], new["id"])
    (made,) = await insert_returning(session, tables.Person, tables.person, [new])
    await record_change(session, Actor.of(principal), made.id, "created", _changes(None, made))
    return made


async def replace_person(
    session: AsyncSession,
    principal: Principal,
    person_id: UUID,
    body: PersonReplacement,
    expected_version: int,
) -> tables.Person:
    """The person as it shall be. What it may do is in force with its next token; those so far are void."""
    found = await lock_within_reach(session, principal, person_id)
    require_version(found.version, expected_version)
    body.require_unchanged(PersonView.of(found))
    require_reach(principal, body.scope)
    wanted = _stored(body)
    await _require_free(session, wanted["login_key"], person_id)
    return await _change(session, Actor.of(principal), found, {**wanted, "active": body.active})


async def deactivate_person(session: AsyncSession, principal: Principal, person_id: UUID) -> tables.Person:
    """No more signing in, and the end of every session. Twice changes nothing."""
    found = await lock_within_reach(session, principal, person_id)
    if not found.active:
        return found
    return await _change(session, Actor.of(principal), found, {"active": False})


async def _change(
    session: AsyncSession, actor: Actor, before: tables.Person, values: dict[str, Any]
) -> tables.Person:
    wanted = {"id": before.id, "version": before.version + 1, **values}
    (after,) = await update_returning(session, tables.Person, tables.person, [wanted], keys=["id"])
    await record_change(session, actor, after.id, "changed", _changes(before, after))
    if before.active and not after.active:
        await end_sessions(session, after.id, "deactivated")
        await void_links(session, after.id)
    return after


async def _require_free(session: AsyncSession, login: str, person_id: UUID) -> None:
    """409 where another person has the login, deactivated or not."""
    await scalar(session, object, _LOCK_LOGIN, login=login)
    if await scalar(session, bool, _IS_TAKEN, login=login, id=person_id):
        raise LoginTaken


def _stored(body: PersonBody) -> dict[str, Any]:
    return {
        "login": body.login,
        "login_key": login_key(body.login),
        "name": body.name,
        "position": body.position,
        "email": body.email,
        "role": body.role,
        "regions": body.scope,
        "municipalities": body.municipal_scope,
        "organisation_id": body.organisation_id,
    }


def _changes(before: tables.Person | None, after: tables.Person) -> dict[str, tuple[object, object]]:
    pairs = {name: (getattr(before, name, None), getattr(after, name)) for name in _SHOWN}
    return {name: (was, now) for name, (was, now) in pairs.items() if was != now}
