"""HTTP: signing in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Response

from chassis.db import Reading, Transactions
from chassis.problems import NotFound
from chassis.security import AnyRole
from chassis.strict_routes import Router
from gateway.people import queries
from gateway.people.actions.oneself import sign_out
from gateway.people.actions.outside import sign_in_outside
from gateway.people.actions.sessions import lifetimes_of, refresh_session
from gateway.people.actions.signing_in import sign_in
from gateway.people.schemas import OutsideSignIn, Refresh, Sessions, SessionView, SignedIn, SignIn
from gateway.resources import resources_of

router = Router(prefix="/api/v1/sessions", tags=["sessions"])


def address_of(request: Request) -> str | None:
    """Whose trials these are: the caller's address, as the gateway believes it."""
    return resources_of(request).frontend.callers.of(request.scope)


Address = Annotated[str | None, Depends(address_of)]


@router.post("", status_code=201)
async def start_session(
    request: Request, response: Response, transactions: Transactions, address: Address, body: SignIn
) -> SignedIn:
    """Sign in. An unknown login, a wrong password and a wrong code are answered alike; `code-required` asks for a code.

    After some failures every further one is followed by a longer pause (429 with Retry-After).
    """
    response.headers["Cache-Control"] = "no-store"
    return await sign_in(resources_of(request), transactions, body, address)


@router.post("/outside", status_code=201)
async def start_outside_session(
    request: Request, response: Response, transactions: Transactions, address: Address, body: OutsideSignIn
) -> SignedIn:
    """Begin a session of who has signed in at the outside issuer. For the pages alone; 404 for everybody else, and where no issuer is set.

    A good ID token of somebody who has no account here is answered like a bad one.
    """
    resources = resources_of(request)
    if not resources.frontend.callers.are_pages(request.scope):
        raise NotFound
    response.headers["Cache-Control"] = "no-store"
    return await sign_in_outside(resources, transactions, body, address)


@router.post("/refresh")
async def refresh(
    request: Request, response: Response, transactions: Transactions, body: Refresh
) -> SignedIn:
    """The next tokens of a session. Every refresh token is good once; one that comes again later ends the session."""
    response.headers["Cache-Control"] = "no-store"
    return await refresh_session(resources_of(request), transactions, body.refresh_token.get_secret_value())


@router.get("")
async def list_sessions(principal: AnyRole, session: Reading, request: Request) -> Sessions:
    """Your own sessions that go on."""
    person = await queries.find_oneself(session, principal)
    found = await queries.list_sessions(session, person.id, lifetimes_of(resources_of(request)).idle)
    items = [
        SessionView(
            id=each.id,
            started_at=each.started_at,
            used_at=each.used_at,
            ends_at=each.ends_at,
            current=each.id == principal.session,
        )
        for each in found
    ]
    return Sessions(items=items)


@router.delete("/current", status_code=204)
async def end_session(principal: AnyRole, request: Request, transactions: Transactions) -> None:
    """Sign out: this session's tokens are refused here from now on, and everywhere within 5 s."""
    await sign_out(resources_of(request), transactions, principal, everywhere=False)


@router.delete("", status_code=204)
async def end_all_sessions(principal: AnyRole, request: Request, transactions: Transactions) -> None:
    """Sign out everywhere."""
    await sign_out(resources_of(request), transactions, principal, everywhere=True)
