"""Links by which people set their password: an admin makes one and passes it on, for no mail is sent here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import TransactionSeries, insert_returning, row, run
from chassis.idempotency import keyed_hash
from chassis.moments import utc_now
from chassis.principals import Principal
from chassis.problems import NotAllowedNow, NotFound
from gateway import tables
from gateway.clients.registry import after_commit
from gateway.people.actions.codes import turn_codes_off
from gateway.people.actions.ending import end_sessions, void_links
from gateway.people.actions.journal import Actor, record_change
from gateway.people.actions.locks import lock_person, lock_within_reach
from gateway.people.actions.trials import purge_failures
from gateway.people.problems import WeakPassword
from gateway.people.rules.passwords import weakness
from gateway.people.schemas import Acceptance, Link
from gateway.resources import GatewayResources
from gateway.tokens.revoked import note_ended
from gateway.tokens.secrets import make_secret

LinkKind = Literal["invitation", "reset"]

_GOOD = """
SELECT l.person_id, l.drops_code, p.login_key FROM gateway.person_link l JOIN gateway.person p ON p.id = l.person_id
WHERE l.token_hash = :token AND l.kind = :kind AND l.used_at IS NULL AND l.expires_at > now() AND p.active
"""
_USE = "UPDATE gateway.person_link SET used_at = now() WHERE token_hash = :token AND used_at IS NULL"
_SET_HASH = "UPDATE gateway.person SET password_hash = :hash WHERE id = :id"


@dataclass(frozen=True, slots=True)
class GoodLink:
    """What a link that has not been used yet is for."""

    person_id: UUID
    drops_code: bool
    login_key: str


async def make_link(
    session: AsyncSession,
    principal: Principal,
    resources: GatewayResources,
    person_id: UUID,
    kind: LinkKind,
    *,
    drops_code: bool = False,
) -> Link:
    """A link for a person within the admin's reach; those before it are void. 409 for who is deactivated, and for an
    invitation of who has a password."""
    person = await lock_within_reach(session, principal, person_id)
    if not person.active:
        raise NotAllowedNow("This person is deactivated.")
    if kind == "invitation" and person.password_hash is not None:
        raise NotAllowedNow("This person has a password; offer a new one by /people/reset.")
    await void_links(session, person_id)
    settings = resources.settings
    hours = settings.invitation_hours if kind == "invitation" else settings.reset_hours
    token = make_secret()
    new = {
        "token_hash": hash_link(resources, token),
        "person_id": person_id,
        "kind": kind,
        "drops_code": drops_code,
        "expires_at": utc_now() + timedelta(hours=hours),
    }
    (made,) = await insert_returning(session, tables.PersonLink, tables.person_link, [new])
    done: Literal["invited", "reset_offered"] = "invited" if kind == "invitation" else "reset_offered"
    await record_change(session, Actor.of(principal), person_id, done)
    return Link(person_id=person_id, token=token, expires_at=made.expires_at)


async def accept_link(
    resources: GatewayResources, transactions: TransactionSeries, body: Acceptance, kind: LinkKind
) -> tables.Person:
    """Set the password of whoever has the link; 404 where it is not good any more, 422 for a weak password.

    A link is used once, by whoever is first; every session of before ends.
    """
    token = hash_link(resources, body.token.get_secret_value())
    async with transactions.begin() as session:
        link = await _find_link(session, token, kind)
    password = body.password.get_secret_value()
    require_strong(password, link.login_key, "/password")
    with resources.passwords.place():
        hashed = await resources.passwords.make(password)
    async with transactions.begin() as session:
        person = await lock_person(session, link.person_id)
        await _find_link(session, token, kind)
        if person is None or not await run(session, _USE, token=token):
            raise NotFound(_NOT_GOOD)
        await set_password(session, resources, person, hashed, drops_code=link.drops_code)
        return person


async def set_password(
    session: AsyncSession,
    resources: GatewayResources,
    person: tables.Person,
    hashed: str,
    *,
    drops_code: bool = False,
    but: UUID | None = None,
) -> None:
    """A locked person's new password. Ends its sessions (but one), its links and its pauses."""
    await run(session, _SET_HASH, id=person.id, hash=hashed)
    await record_change(session, Actor.themself(person.id), person.id, "password_set")
    if drops_code and person.code_confirmed:
        await turn_codes_off(session, person)
    await void_links(session, person.id)
    await purge_failures(session, resources.hash_key, person.id, person.login_key)
    ended = await end_sessions(session, person.id, "password_set", but=but)
    after_commit(session, lambda: note_ended(resources.revocations, ended, resources.clock()))


def require_strong(password: str, login: str, pointer: str) -> None:
    """422 for a password that is easy to guess."""
    fault = weakness(password, login)
    if fault is not None:
        raise WeakPassword(pointer, fault)


def hash_link(resources: GatewayResources, token: str) -> bytes:
    """What is kept of a link's token."""
    return keyed_hash(resources.hash_key, b"person link", token.encode("utf-8", "replace"))


_NOT_GOOD = "This link is not good any more; ask for a new one."


async def _find_link(session: AsyncSession, token: bytes, kind: LinkKind) -> GoodLink:
    found = await row(session, GoodLink, _GOOD, token=token, kind=kind)
    if found is None:
        raise NotFound(_NOT_GOOD)
    return found
