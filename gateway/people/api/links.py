"""HTTP: links by which people set their password."""

from __future__ import annotations

from fastapi import Request, Response

from chassis.db import Transaction, Transactions
from chassis.idempotency import Idempotent
from chassis.security import AdminOnly
from chassis.strict_routes import Router
from gateway.people.actions.links import LinkKind, accept_link, make_link
from gateway.people.schemas import Acceptance, Accepted, Invite, Link, ResetWish
from gateway.resources import resources_of

router = Router(prefix="/api/v1/people", tags=["people"])


@router.post("/invitations", status_code=201, response_model=Link)
async def invite_person(
    principal: AdminOnly, session: Transaction, request: Request, idempotency: Idempotent, body: Invite
) -> Response:
    """A token by which a person sets the first password. It is shown here and never again: pass it on to the person."""

    async def act() -> Link:
        return await make_link(session, principal, resources_of(request), body.person_id, "invitation")

    return _not_stored(await idempotency.run(session, principal, body, act, status=201))


@router.post("/reset", status_code=201, response_model=Link)
async def offer_reset(
    principal: AdminOnly, session: Transaction, request: Request, idempotency: Idempotent, body: ResetWish
) -> Response:
    """A token by which a person sets another password, for who has lost theirs. The old one is good until it is used."""

    async def act() -> Link:
        resources = resources_of(request)
        return await make_link(
            session, principal, resources, body.person_id, "reset", drops_code=body.drops_code
        )

    return _not_stored(await idempotency.run(session, principal, body, act, status=201))


@router.post("/invitations/accept")
async def accept_invitation(request: Request, transactions: Transactions, body: Acceptance) -> Accepted:
    """Set the first password by an invitation's token."""
    return await _accept(request, transactions, body, "invitation")


@router.post("/reset/accept")
async def accept_reset(request: Request, transactions: Transactions, body: Acceptance) -> Accepted:
    """Set another password by a reset's token; every session of before ends."""
    return await _accept(request, transactions, body, "reset")


async def _accept(request: Request, transactions: Transactions, body: Acceptance, kind: LinkKind) -> Accepted:
    person = await accept_link(resources_of(request), transactions, body, kind)
    return Accepted(login=person.login, name=person.name)


def _not_stored(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer
