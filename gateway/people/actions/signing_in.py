"""Signing in: whoever knows neither login nor password learns nothing, not even by the work that is done."""

from __future__ import annotations

from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import TransactionSeries, row, run
from gateway import tables
from gateway.people.actions.codes import prove_code
from gateway.people.actions.locks import lock_person
from gateway.people.actions.sessions import start_session
from gateway.people.actions.trials import Trial, begin_trial, end_trial, take_trial_back
from gateway.people.problems import CodeRequired, SignInRefused
from gateway.people.rules.logins import login_key
from gateway.people.schemas import SignedIn, SignIn
from gateway.resources import GatewayResources

_BY_LOGIN = "SELECT * FROM gateway.person WHERE login_key = :login"
_REHASH = "UPDATE gateway.person SET password_hash = :hash WHERE id = :id"


async def sign_in(
    resources: GatewayResources, transactions: TransactionSeries, wish: SignIn, address: str | None
) -> SignedIn:
    """A new session; 401 for a login that is unknown or deactivated, a wrong password or code, 429 after too many.

    Unknown and known logins cost the same: one count, one look, one password compared.
    """
    key = login_key(wish.login)
    with resources.passwords.place():
        async with transactions.begin() as session:
            trial = await begin_trial(session, resources.hash_key, resources.settings, key, address)
            person = await row(session, tables.Person, _BY_LOGIN, login=key)
        proven = await prove_password(resources, person, wish.password.get_secret_value())
        if person is None or not proven:
            raise SignInRefused
        renewed = await _renewed_hash(resources, person, wish.password.get_secret_value())
        async with transactions.begin() as session:
            outcome = await _settle(session, resources, person, wish.code, trial, renewed)
    if outcome == "wrong":
        raise SignInRefused
    if outcome == "missing":
        raise CodeRequired
    return outcome


async def prove_password(resources: GatewayResources, person: tables.Person | None, password: str) -> bool:
    """Whether it is the password of somebody who may sign in."""
    stored = person.password_hash if person and person.active else None
    return await resources.passwords.fits(stored, password)


async def _renewed_hash(resources: GatewayResources, person: tables.Person, password: str) -> str | None:
    """A hash by the parameters of today, where the stored one has others."""
    stored = person.password_hash
    if stored is None or not resources.passwords.is_outdated(stored):
        return None
    return await resources.passwords.make(password)


async def _settle(
    session: AsyncSession,
    resources: GatewayResources,
    known: tables.Person,
    code: str | None,
    trial: Trial,
    renewed: str | None,
) -> SignedIn | Literal["wrong", "missing"]:
    """The password was right: the rest is judged by the account as it is now."""
    person = await lock_person(session, known.id)
    if person is None or not person.active or person.password_hash != known.password_hash:
        return "wrong"
    proof = await prove_code(session, resources, person, code)
    if proof == "missing":
        await take_trial_back(session, [trial.login, trial.address])
    if proof != "good":
        return proof
    if renewed is not None:
        await run(session, _REHASH, id=person.id, hash=renewed)
    await end_trial(session, trial)
    return await start_session(session, resources, person, trial.origin)
