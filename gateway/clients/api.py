"""HTTP: managing clients."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import Body, Path, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.cursors import Cursor, Limit
from chassis.db import Reading, Transaction
from chassis.idempotency import Idempotent
from chassis.principals import Role
from chassis.security import AdminOnly
from chassis.strict_routes import Router
from gateway.clients import actions, queries
from gateway.clients.organisations import require_organisation
from gateway.clients.registry import after_commit
from gateway.reach import require_reach
from gateway.resources import resources_of
from gateway.schemas import Client, ClientCreate, Clients, ClientWithSecret, SecretRotate
from gateway.tokens.vault import Vault

router = Router(prefix="/api/v1/clients", tags=["clients"])
ClientId = Annotated[str, Path(pattern=r"^[\x21-\x7e]+$", max_length=100)]


@router.get("")
async def list_clients(
    principal: AdminOnly,
    session: Reading,
    request: Request,
    role: Role | None = None,
    limit: Limit = 100,
    cursor: Cursor = "",
) -> Clients:
    """The clients of your regions, revoked ones included."""
    cursors = resources_of(request).cursors
    (last_id,) = cursors.decode("clients", cursor) or ("",)
    found = await queries.list_clients(session, principal, role=role, after=last_id, limit=limit + 1)
    items = [Client.model_validate(each) for each in found[:limit]]
    next_cursor = cursors.encode("clients", items[-1].id) if len(found) > limit else None
    return Clients(items=items, next_cursor=next_cursor)


@router.post("", status_code=201, response_model=ClientWithSecret)
async def create_client(
    principal: AdminOnly, session: Transaction, request: Request, idempotency: Idempotent, body: ClientCreate
) -> Response:
    """A new client. Its secret is shown in this answer and never again."""
    resources = resources_of(request)

    async def act() -> ClientWithSecret:
        require_reach(principal, body.scope)
        if body.organisation_id is not None:
            await require_organisation(request, body.organisation_id, body.scope)
        made = await actions.create_client(session, principal, body, resources.settings)
        after_commit(session, lambda: resources.registry.note(made.id, made.requests_per_minute))
        return _seal(resources.vault, made)

    return _unseal(resources.vault, await idempotency.run(session, principal, body, act, status=201))


@router.post("/{id}/secret", response_model=ClientWithSecret)
async def rotate_secret(
    principal: AdminOnly,
    session: Transaction,
    request: Request,
    idempotency: Idempotent,
    id: ClientId,
    body: Annotated[SecretRotate | None, Body()] = None,
) -> Response:
    """A new secret, shown once; the old one may go on working for a while (`keep_old_seconds`).

    Tokens issued before stay valid until they expire, unless `revoke_tokens` says otherwise.
    """
    resources = resources_of(request)
    wish = body or SecretRotate()

    async def act() -> ClientWithSecret:
        made, generation = await actions.rotate_secret(session, principal, id, wish, resources.settings)
        _revoke_before(request, session, id, generation)
        return _seal(resources.vault, made)

    return _unseal(resources.vault, await idempotency.run(session, principal, wish, act))


@router.delete("/{id}", status_code=204)
async def revoke_client(principal: AdminOnly, session: Transaction, request: Request, id: ClientId) -> None:
    """No more tokens for this client; those it holds are refused here from now on, and everywhere within 5 s."""
    generation = await actions.revoke_client(session, principal, id)
    _revoke_before(request, session, id, generation)


def _revoke_before(request: Request, session: AsyncSession, client_id: str, generation: int) -> None:
    """This gateway need not read what it has committed itself."""
    resources = resources_of(request)
    after_commit(session, lambda: resources.revocations.learn({client_id: generation}, resources.clock()))


def _seal(vault: Vault, made: ClientWithSecret) -> ClientWithSecret:
    """Idempotency keeps answers for a week: the secret lies there encrypted."""
    sealed = vault.seal(made.client_secret.encode(), made.id).hex()
    return made.model_copy(update={"client_secret": sealed})


def _unseal(vault: Vault, answer: Response) -> Response:
    made = orjson.loads(answer.body)  # perhaps an answer of an older version
    made["client_secret"] = vault.open(bytes.fromhex(made["client_secret"]), made["id"]).decode()
    kept = {name: value for name, value in answer.headers.items() if name == "idempotent-replayed"}
    return Response(
        orjson.dumps(made),
        status_code=answer.status_code,
        media_type="application/json",
        headers={**kept, "Cache-Control": "no-store"},
    )
