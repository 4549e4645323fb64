"""HTTP: one's own account."""

from __future__ import annotations

from fastapi import Request, Response

from chassis.db import Reading, Transaction, Transactions
from chassis.security import AnyRole
from chassis.strict_routes import Router
from gateway.people import queries
from gateway.people.actions import oneself
from gateway.people.actions.codes import confirm_code
from gateway.people.actions.locks import lock_oneself
from gateway.people.api.sessions import Address
from gateway.people.schemas import (
    CodeProof,
    CodeSecret,
    CodesOff,
    NewRecoveryCodes,
    PasswordChange,
    PasswordProof,
    PersonView,
)
from gateway.resources import resources_of

router = Router(prefix="/api/v1/people/me", tags=["people"])


@router.get("")
async def read_oneself(principal: AnyRole, session: Reading) -> PersonView:
    """Your own account."""
    return PersonView.of(await queries.find_oneself(session, principal))


@router.post("/password", status_code=204)
async def change_password(
    principal: AnyRole, request: Request, transactions: Transactions, address: Address, body: PasswordChange
) -> None:
    """Another password; every other session of yours ends."""
    await oneself.change_password(resources_of(request), transactions, principal, body, address)


@router.post("/code")
async def offer_code(
    principal: AnyRole,
    request: Request,
    response: Response,
    transactions: Transactions,
    address: Address,
    body: PasswordProof,
) -> CodeSecret:
    """The secret for a device that makes one-time codes; they are asked for once you have confirmed it by one."""
    response.headers["Cache-Control"] = "no-store"
    password = body.password.get_secret_value()
    return await oneself.begin_codes(resources_of(request), transactions, principal, password, address)


@router.post("/code/confirm")
async def confirm_device(
    principal: AnyRole, session: Transaction, request: Request, response: Response, body: CodeProof
) -> NewRecoveryCodes:
    """Ask for codes from now on. Keep the recovery codes of the answer where the device is not."""
    response.headers["Cache-Control"] = "no-store"
    person = await lock_oneself(session, principal)
    return await confirm_code(session, resources_of(request), person, body.code)


@router.post("/code/off", status_code=204)
async def turn_codes_off(
    principal: AnyRole, request: Request, transactions: Transactions, address: Address, body: CodesOff
) -> None:
    """Ask for no codes any more; takes a code, too."""
    await oneself.end_codes(resources_of(request), transactions, principal, body, address)
