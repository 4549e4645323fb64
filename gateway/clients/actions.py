"""What changes clients."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import column, insert_returning, insert_rows, row, rows
from chassis.principals import Principal
from chassis.problems import NotAllowedNow, NotFound
from gateway import tables
from gateway.reach import has_reach, require_reach
from gateway.schemas import EVERYWHERE, Client, ClientCreate, ClientWithSecret, SecretRotate
from gateway.settings import GatewaySettings
from gateway.tokens.secrets import hash_secret, make_secret

BOOTSTRAP_REQUESTS_PER_MINUTE = 600_000

_LOCK = "SELECT * FROM gateway.client WHERE id = :id FOR UPDATE"
_ROTATE = """
UPDATE gateway.client SET
    secret_hash = :secret_hash,
    previous_hash = CASE WHEN :keep_seconds::float8 > 0 THEN secret_hash END,
    previous_until = CASE WHEN :keep_seconds > 0 THEN now() + make_interval(secs => :keep_seconds) END,
    token_generation = token_generation + :revoke_tokens::bool::int,
    tokens_void_at = CASE WHEN :revoke_tokens THEN now() ELSE tokens_void_at END
WHERE id = :id RETURNING *
"""
# The table's trigger makes a new generation of tokens, of which there will be none.
_REVOKE = """
UPDATE gateway.client SET
    revoked_at = coalesce(revoked_at, now()), revoked_by = coalesce(revoked_by, :revoked_by), previous_hash = NULL
WHERE id = :id RETURNING token_generation
"""


async def create_client(
    session: AsyncSession, principal: Principal, body: ClientCreate, settings: GatewaySettings
) -> ClientWithSecret:
    """A new client and its secret, which is not kept anywhere in a readable form."""
    require_reach(principal, body.scope)
    secret = make_secret()
    new = {
        "id": str(uuid7()),
        "name": body.name,
        "role": body.role,
        "regions": body.scope,
        "municipalities": body.municipal_scope,
        "organisation_id": body.organisation_id,
        "requests_per_minute": body.requests_per_minute or settings.client_requests_per_minute,
        "secret_hash": hash_secret(settings.hash_key.get_secret_value(), secret),
        "created_by": principal.client_id,
    }
    (made,) = await insert_returning(session, tables.Client, tables.client, [new])
    return _with_secret(made, secret)


async def rotate_secret(
    session: AsyncSession,
    principal: Principal,
    client_id: str,
    wish: SecretRotate,
    settings: GatewaySettings,
) -> tuple[ClientWithSecret, int]:
    """A new secret, and the generation of tokens that are good from now on. Revoked clients get none (409)."""
    found = await _lock_client(session, principal, client_id)
    if found.revoked_at is not None:
        raise NotAllowedNow("This client has been revoked.")
    secret = make_secret()
    (changed,) = await rows(
        session,
        tables.Client,
        _ROTATE,
        id=client_id,
        secret_hash=hash_secret(settings.hash_key.get_secret_value(), secret),
        keep_seconds=wish.keep_old_seconds,
        revoke_tokens=wish.revoke_tokens,
    )
    return _with_secret(changed, secret), changed.token_generation


async def revoke_client(session: AsyncSession, principal: Principal, client_id: str) -> int:
    """Its secrets stop working, and its tokens. Returns the first generation that would be good; none will be made.

    Revoking twice changes nothing.
    """
    await _lock_client(session, principal, client_id)
    (generation,) = await column(session, int, _REVOKE, id=client_id, revoked_by=principal.client_id)
    return generation


async def bootstrap_admin(session: AsyncSession, settings: GatewaySettings) -> None:
    """The first admin, named by the environment: created, or given the secret that stands there now."""
    secret = settings.bootstrap_admin_secret.get_secret_value()
    if not settings.bootstrap_admin_id or not secret:
        return
    admin = {
        "id": settings.bootstrap_admin_id,
        "name": "Bootstrap admin",
        "role": "admin",
        "regions": [EVERYWHERE],
        "requests_per_minute": BOOTSTRAP_REQUESTS_PER_MINUTE,
        "secret_hash": hash_secret(settings.hash_key.get_secret_value(), secret),
        "created_by": "environment",
    }
    await insert_rows(
        session,
        tables.client,
        [admin],
        on_conflict="(id) DO UPDATE SET secret_hash = EXCLUDED.secret_hash "
        "WHERE client.secret_hash IS DISTINCT FROM EXCLUDED.secret_hash",
    )


async def _lock_client(session: AsyncSession, principal: Principal, client_id: str) -> tables.Client:
    """The client's row; 404 when there is none or it reaches beyond the admin's regions."""
    found = await row(session, tables.Client, _LOCK, id=client_id)
    if found is None or not has_reach(principal, found.regions):
        raise NotFound
    return found


def _with_secret(stored: tables.Client, secret: str) -> ClientWithSecret:
    public = Client.model_validate(stored).model_dump()
    return ClientWithSecret(**public, client_id=stored.id, client_secret=secret)
