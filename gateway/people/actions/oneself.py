"""What people change of their own account, once they have proven again who they are."""

from __future__ import annotations

from uuid import UUID

from chassis.db import TransactionSeries
from chassis.principals import Principal
from gateway import tables
from gateway.clients.registry import after_commit
from gateway.people.actions.codes import offer_code, prove_code, turn_codes_off
from gateway.people.actions.ending import Reason, end_sessions
from gateway.people.actions.journal import Actor, record_change
from gateway.people.actions.links import require_strong, set_password
from gateway.people.actions.locks import lock_oneself
from gateway.people.actions.signing_in import prove_password
from gateway.people.actions.trials import Trial, begin_trial, end_trial, take_trial_back
from gateway.people.problems import CodeRequired, SignInRefused
from gateway.people.schemas import CodeSecret, CodesOff, PasswordChange
from gateway.resources import GatewayResources
from gateway.tokens.revoked import note_ended


async def change_password(
    resources: GatewayResources,
    transactions: TransactionSeries,
    principal: Principal,
    body: PasswordChange,
    address: str | None,
) -> None:
    """A new password; every other session ends. 401 for a wrong one so far, 422 for a weak one."""
    new = body.new_password.get_secret_value()
    with resources.passwords.place():
        person, trial = await _prove(
            resources, transactions, principal, body.password.get_secret_value(), address
        )
        await _end(transactions, trial)
        require_strong(new, person.login_key, "/new_password")
        hashed = await resources.passwords.make(new)
    async with transactions.begin() as session:
        person = await lock_oneself(session, principal)
        await set_password(session, resources, person, hashed, but=principal.session)


async def begin_codes(
    resources: GatewayResources,
    transactions: TransactionSeries,
    principal: Principal,
    password: str,
    address: str | None,
) -> CodeSecret:
    """The secret for a device."""
    with resources.passwords.place():
        _, trial = await _prove(resources, transactions, principal, password, address)
    await _end(transactions, trial)
    async with transactions.begin() as session:
        person = await lock_oneself(session, principal)
        return await offer_code(session, resources, person)


async def end_codes(
    resources: GatewayResources,
    transactions: TransactionSeries,
    principal: Principal,
    body: CodesOff,
    address: str | None,
) -> None:
    """Codes are off; 401 without one, too."""
    with resources.passwords.place():
        _, trial = await _prove(resources, transactions, principal, body.password.get_secret_value(), address)
    async with transactions.begin() as session:
        person = await lock_oneself(session, principal)
        proof = await prove_code(session, resources, person, body.code)
        if proof == "missing":
            await take_trial_back(session, [trial.login, trial.address])
        if proof == "good":
            await end_trial(session, trial)
            await turn_codes_off(session, person)
    if proof != "good":
        raise CodeRequired if proof == "missing" else SignInRefused


async def sign_out(
    resources: GatewayResources, transactions: TransactionSeries, principal: Principal, *, everywhere: bool
) -> None:
    """The end of this session, or of all; their tokens are void here at once, and everywhere within seconds."""
    async with transactions.begin() as session:
        person = await lock_oneself(session, principal)
        only: UUID | None = None if everywhere else principal.session
        reason: Reason = "signed_out_everywhere" if everywhere else "signed_out"
        ended = await end_sessions(session, person.id, reason, only=only)
        if everywhere:
            await record_change(session, Actor.of(principal), person.id, "sessions_ended")
        after_commit(session, lambda: note_ended(resources.revocations, ended, resources.clock()))


async def _prove(
    resources: GatewayResources,
    transactions: TransactionSeries,
    principal: Principal,
    password: str,
    address: str | None,
) -> tuple[tables.Person, Trial]:
    """Who asks, with the right password; trials count as those of signing in."""
    async with transactions.begin() as session:
        person = await lock_oneself(session, principal)
        trial = await begin_trial(session, resources.hash_key, resources.settings, person.login_key, address)
    if not await prove_password(resources, person, password):
        raise SignInRefused
    return person, trial


async def _end(transactions: TransactionSeries, trial: Trial) -> None:
    """The password was right, whatever else is refused."""
    async with transactions.begin() as session:
        await end_trial(session, trial)
