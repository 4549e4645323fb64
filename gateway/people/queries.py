"""What reads people, their sessions and the journal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, rows
from chassis.principals import Principal
from chassis.problems import Forbidden, NotFound
from gateway import tables
from gateway.reach import has_reach
from gateway.schemas import EVERYWHERE

_LIST = """
SELECT * FROM gateway.person
WHERE id > :after AND (:everywhere OR regions <@ :regions) AND (:region::text IS NULL OR :region = ANY(regions))
    AND (:role::text IS NULL OR role = :role) AND (:organisation::uuid IS NULL OR organisation_id = :organisation)
    AND (:active::bool IS NULL OR active = :active)
ORDER BY id LIMIT :limit
"""
_BY_ID = "SELECT * FROM gateway.person WHERE id = :id"
_NAMES = """
SELECT id, name, position FROM gateway.person
WHERE id = ANY(:ids::uuid[]) AND (:everywhere OR regions && :regions OR :all = ANY(regions)) ORDER BY id
"""
_COLLEAGUES = """
SELECT id, name, position, active FROM gateway.person
WHERE organisation_id = :organisation AND regions && :regions AND id > :after ORDER BY id LIMIT :limit
"""
_SESSIONS = """
SELECT id, started_at, used_at, ends_at FROM gateway.person_session
WHERE person_id = :person AND ended_at IS NULL AND ends_at > now() AND used_at > now() - :idle::interval
ORDER BY started_at DESC, id DESC LIMIT 1000
"""
_CHANGES = """
SELECT * FROM gateway.person_change WHERE person_id = :person AND (:before::uuid IS NULL OR id < :before)
ORDER BY id DESC LIMIT :limit
"""


@dataclass(frozen=True, slots=True)
class PersonFilter:
    """Which people are asked for; None: whichever."""

    region: str | None
    role: str | None
    organisation: UUID | None
    active: bool | None


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """How a person is named."""

    id: UUID
    name: str
    position: str


@dataclass(frozen=True, slots=True)
class NamedColleague(NamedPerson):
    """Who works, or has worked, for the same organisation."""

    active: bool


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that goes on."""

    id: UUID
    started_at: datetime
    used_at: datetime
    ends_at: datetime


async def list_people(
    session: AsyncSession, principal: Principal, wanted: PersonFilter, after: UUID, limit: int
) -> list[tables.Person]:
    """People whose regions are all within the admin's own, by id; 403 for a region that is not."""
    if wanted.region is not None:
        principal.require_region(wanted.region)
    return await rows(
        session,
        tables.Person,
        _LIST,
        after=after,
        everywhere=principal.is_everywhere,
        regions=principal.regions_within(),
        region=wanted.region,
        role=wanted.role,
        organisation=wanted.organisation,
        active=wanted.active,
        limit=limit,
    )


async def find_person(session: AsyncSession, principal: Principal, person_id: UUID) -> tables.Person:
    """A person within the admin's reach; 404 otherwise."""
    found = await row(session, tables.Person, _BY_ID, id=person_id)
    if found is None or not has_reach(principal, found.regions):
        raise NotFound
    return found


async def find_oneself(session: AsyncSession, principal: Principal) -> tables.Person:
    """Who asks; 403 for a token of nobody who signs in here."""
    found = None
    if principal.person and principal.session:
        found = await row(session, tables.Person, _BY_ID, id=principal.person)
    if found is None:
        raise Forbidden("This needs the token of a person who has signed in here.")
    return found


async def find_names(session: AsyncSession, principal: Principal, ids: Sequence[UUID]) -> list[NamedPerson]:
    """Those of these people who work in a region of the official's, or in all of them; who has left, too."""
    return await rows(
        session,
        NamedPerson,
        _NAMES,
        ids=ids,
        everywhere=principal.is_everywhere,
        regions=principal.regions_within(),
        all=EVERYWHERE,
    )


async def list_colleagues(
    session: AsyncSession, principal: Principal, after: UUID, limit: int
) -> list[NamedColleague]:
    """People of the official's organisation, by id; who has left, too."""
    return await rows(
        session,
        NamedColleague,
        _COLLEAGUES,
        organisation=principal.organisation,
        regions=principal.regions_within(),
        after=after,
        limit=limit,
    )


async def list_sessions(session: AsyncSession, person_id: UUID, idle: timedelta) -> list[OpenSession]:
    """A person's sessions that go on, the newest first."""
    return await rows(session, OpenSession, _SESSIONS, person=person_id, idle=idle)


async def list_changes(
    session: AsyncSession, person_id: UUID, before: UUID | None, limit: int
) -> list[tables.PersonChange]:
    """A person's changes, the newest first."""
    return await rows(session, tables.PersonChange, _CHANGES, person=person_id, before=before, limit=limit)
