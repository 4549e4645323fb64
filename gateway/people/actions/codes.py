"""One-time codes of a person: turned on with a device, asked for at each sign-in, turned off."""

from __future__ import annotations

from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows, run
from chassis.idempotency import keyed_hash
from chassis.moments import utc_now
from chassis.problems import NotAllowedNow, Unprocessable
from gateway import tables
from gateway.people.actions.journal import Actor, record_change
from gateway.people.rules.codes import (
    enrolment_uri,
    find_step,
    make_recovery_codes,
    make_secret,
    plain_code,
    secret_text,
)
from gateway.people.schemas import CodeSecret, NewRecoveryCodes
from gateway.resources import GatewayResources

Proof = Literal["good", "wrong", "missing"]

_USE_STEP = "UPDATE gateway.person SET code_step = :step WHERE id = :id"
_USE_RECOVERY = "DELETE FROM gateway.recovery_code WHERE person_id = :id AND code_hash = :code"
_OFFER = "UPDATE gateway.person SET code_secret = :secret, code_step = 0 WHERE id = :id"
_CONFIRM = "UPDATE gateway.person SET code_confirmed = true, code_step = :step WHERE id = :id"
_TURN_OFF = "UPDATE gateway.person SET code_confirmed = false, code_secret = NULL WHERE id = :id"
_DROP_RECOVERY = "DELETE FROM gateway.recovery_code WHERE person_id = :id"


async def prove_code(
    session: AsyncSession, resources: GatewayResources, person: tables.Person, code: str | None
) -> Proof:
    """What a code of a locked person is worth; `good` where none is asked for. A good one is used up."""
    if not person.code_confirmed:
        return "good"
    if code is None or not plain_code(code):
        return "missing"
    step = _step_of(resources, person, code)
    if step is not None:
        await run(session, _USE_STEP, id=person.id, step=step)
        return "good"
    if await run(session, _USE_RECOVERY, id=person.id, code=_hash(resources, person, code)):
        await record_change(session, Actor.themself(person.id), person.id, "recovery_code_used")
        return "good"
    return "wrong"


async def offer_code(session: AsyncSession, resources: GatewayResources, person: tables.Person) -> CodeSecret:
    """A new secret of a locked person; codes are asked for once one of them has been sent back. 409 where they are."""
    if person.code_confirmed:
        raise NotAllowedNow("One-time codes are on; turn them off first.")
    secret = make_secret()
    await run(session, _OFFER, id=person.id, secret=resources.vault.seal(secret, _place(person)))
    return CodeSecret(secret=secret_text(secret), uri=enrolment_uri(secret, person.login))


async def confirm_code(
    session: AsyncSession, resources: GatewayResources, person: tables.Person, code: str
) -> NewRecoveryCodes:
    """Codes are on from now on. 409 where no secret was offered, 422 for a code that is not the device's."""
    if person.code_confirmed or person.code_secret is None:
        raise NotAllowedNow("Ask for a secret first, and confirm it once.")
    step = _step_of(resources, person, code)
    if step is None:
        message = "is not the code of this moment; look at the clock of the device"
        raise Unprocessable("See errors.", errors=[{"pointer": "/code", "message": message}])
    codes = make_recovery_codes()
    kept = [{"person_id": person.id, "code_hash": _hash(resources, person, each)} for each in codes]
    await run(session, _CONFIRM, id=person.id, step=step)
    await run(session, _DROP_RECOVERY, id=person.id)
    await insert_rows(session, tables.recovery_code, kept)
    await record_change(session, Actor.themself(person.id), person.id, "code_on")
    return NewRecoveryCodes(recovery_codes=codes)


async def turn_codes_off(session: AsyncSession, person: tables.Person) -> None:
    """No code is asked for any more."""
    await run(session, _TURN_OFF, id=person.id)
    await run(session, _DROP_RECOVERY, id=person.id)
    await record_change(session, Actor.themself(person.id), person.id, "code_off")


def _step_of(resources: GatewayResources, person: tables.Person, code: str) -> int | None:
    """The step of a code; None for a wrong one, and where the secret is damaged: recovery codes are left then."""
    sealed, place = person.code_secret, _place(person)
    if sealed is None or not resources.vault.opens(sealed, place):
        return None
    return find_step(resources.vault.open(sealed, place), code, utc_now(), person.code_step)


def _place(person: tables.Person) -> str:
    return f"one-time codes|{person.id}"


def _hash(resources: GatewayResources, person: tables.Person, code: str) -> bytes:
    plain = plain_code(code).encode("utf-8", "replace")
    return keyed_hash(resources.hash_key, b"recovery code", person.id.bytes, plain)
