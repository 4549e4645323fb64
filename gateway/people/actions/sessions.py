"""Sessions: begun by a sign-in, carried on by refresh tokens, ended."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import TransactionSeries, insert_returning, row, run, scalar
from chassis.moments import utc_now
from gateway import tables
from gateway.clients.registry import after_commit
from gateway.people.actions.ending import end_sessions
from gateway.people.actions.journal import Actor, record_change
from gateway.people.actions.locks import lock_person
from gateway.people.problems import SessionEnded
from gateway.people.rules.sessions import (
    Lifetimes,
    RefreshToken,
    SessionState,
    Verdict,
    judge_refresh,
    make_refresh_token,
    read_refresh_token,
)
from gateway.people.schemas import PersonView, SignedIn
from gateway.resources import GatewayResources
from gateway.tokens.issuing import Rights, client_of_person, issue_token
from gateway.tokens.revoked import note_ended

SALT_BYTES = 16

_PERSON_OF = "SELECT person_id FROM gateway.person_session WHERE id = :id"
_LOCK = "SELECT s.*, clock_timestamp() AS now FROM gateway.person_session s WHERE id = :id FOR UPDATE"
_ROTATE = """
UPDATE gateway.person_session SET number = number + 1, used_at = :now, rotated_at = :now WHERE id = :id
"""


@dataclass(frozen=True, slots=True)
class LockedSession:
    """A session, locked, and the time of the database."""

    id: UUID
    person_id: UUID
    number: int
    salt: bytes
    used_at: datetime
    rotated_at: datetime | None
    ends_at: datetime
    ended_at: datetime | None
    now: datetime

    @property
    def state(self) -> SessionState:
        """What its refresh tokens are judged by."""
        return SessionState(self.number, self.used_at, self.rotated_at, self.ends_at, self.ended_at)


def lifetimes_of(resources: GatewayResources) -> Lifetimes:
    """How long sessions last here."""
    settings = resources.settings
    return Lifetimes(
        idle=timedelta(seconds=settings.session_idle_seconds),
        whole=timedelta(seconds=settings.session_seconds),
        grace=timedelta(seconds=settings.refresh_grace_seconds),
    )


async def start_session(
    session: AsyncSession, resources: GatewayResources, person: tables.Person, origin: bytes
) -> SignedIn:
    """A new session of a locked person. `origin`: hash of the address it begins at."""
    now = utc_now()
    new = {
        "id": uuid7(),
        "person_id": person.id,
        "salt": os.urandom(SALT_BYTES),
        "address_hash": origin,
        "started_at": now,
        "used_at": now,
        "ends_at": now + lifetimes_of(resources).whole,
    }
    (made,) = await insert_returning(session, tables.PersonSession, tables.person_session, [new])
    return _give_tokens(resources, person, made.id, made.salt, made.number, made.ends_at)


async def refresh_session(
    resources: GatewayResources, transactions: TransactionSeries, refresh_token: str
) -> SignedIn:
    """The next tokens of a session; 401 where it has ended. An old refresh token ends it: one of two who have it is a thief."""
    token = read_refresh_token(refresh_token)
    async with transactions.begin() as session:
        given = await _carry_on(session, resources, token) if token else None
    if given is None:
        raise SessionEnded
    return given


async def _carry_on(
    session: AsyncSession, resources: GatewayResources, token: RefreshToken
) -> SignedIn | None:
    person_id = await scalar(session, UUID, _PERSON_OF, id=token.session_id)
    person = await lock_person(session, person_id) if person_id else None
    found = await row(session, LockedSession, _LOCK, id=token.session_id)
    if person is None or found is None or not token.is_proven(resources.hash_key, found.salt):
        return None
    verdict: Verdict = judge_refresh(found.state, token.number, found.now, lifetimes_of(resources))
    if verdict == "reused":
        ended = await end_sessions(session, person.id, "reused", only=found.id)
        await record_change(session, Actor.themself(person.id), person.id, "refresh_token_reused")
        after_commit(session, lambda: note_ended(resources.revocations, ended, resources.clock()))
    if verdict in ("reused", "over") or not person.active:
        return None
    if verdict == "next":
        await run(session, _ROTATE, id=found.id, now=found.now)
    number = found.number + (verdict == "next")
    return _give_tokens(resources, person, found.id, found.salt, number, found.ends_at)


def _give_tokens(
    resources: GatewayResources,
    person: tables.Person,
    session_id: UUID,
    salt: bytes,
    number: int,
    ends_at: datetime,
) -> SignedIn:
    now = utc_now()
    left = int((ends_at - now).total_seconds())
    seconds = max(1, min(resources.settings.person_token_seconds, left))
    rights = Rights(
        client_id=client_of_person(person.id),
        role=person.role,
        regions=person.regions,
        municipalities=person.municipalities,
        organisation_id=person.organisation_id,
        person=person.id,
        session=session_id,
        generation=person.token_generation,
    )
    return SignedIn(
        access_token=issue_token(resources.ring, resources.settings, now, rights, seconds),
        expires_in=seconds,
        refresh_token=make_refresh_token(resources.hash_key, salt, session_id, number),
        person=PersonView.of(person),
    )
