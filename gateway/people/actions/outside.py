"""Signing in by an outside issuer: it says who somebody is, an account here says what that person may."""

from __future__ import annotations

from chassis.db import TransactionSeries, row
from chassis.problems import NotFound, Unauthorised
from gateway import tables
from gateway.people.actions.locks import lock_person
from gateway.people.actions.sessions import start_session
from gateway.people.actions.trials import origin_of
from gateway.people.problems import SignInRefused
from gateway.people.rules.logins import login_key
from gateway.people.schemas import OutsideSignIn, SignedIn
from gateway.resources import GatewayResources

_BY_LOGIN = "SELECT * FROM gateway.person WHERE login_key = :login"


async def sign_in_outside(
    resources: GatewayResources, transactions: TransactionSeries, wish: OutsideSignIn, address: str | None
) -> SignedIn:
    """A new session of the account that has the login the issuer names. 401 where there is none, or it is closed: nobody gets an
    account by signing in elsewhere. 404 where no issuer is set."""
    if resources.identities is None:
        raise NotFound
    try:
        login = await resources.identities.read_login(wish.id_token.get_secret_value(), wish.nonce)
    except Unauthorised:
        raise SignInRefused from None
    async with transactions.begin() as session:
        known = await row(session, tables.Person, _BY_LOGIN, login=login_key(login))
        person = await lock_person(session, known.id) if known else None
        # The issuer's names differ by letters that logins are not told apart by.
        if person is not None and person.active and person.login == login:
            return await start_session(session, resources, person, origin_of(resources.hash_key, address))
    raise SignInRefused
