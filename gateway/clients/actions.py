"""What changes clients."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.problems import Forbidden, NotAllowedNow, NotFound
from chassis.security import Principal
from gateway.models import client
from gateway.schemas import EVERYWHERE, Client, ClientCreate, ClientWithSecret, SecretRotate
from gateway.settings import GatewaySettings
from gateway.tokens.secrets import hash_secret, make_secret

BOOTSTRAP_REQUESTS_PER_MINUTE = 600_000


def has_reach(principal: Principal, regions: list[str]) -> bool:
    """Whether all regions are the admin's own. `*` is within the reach of an admin of all only."""
    return principal.is_everywhere or set(regions) <= set(principal.regions_within())


def require_reach(principal: Principal, regions: list[str]) -> None:
    """403 unless all regions are the admin's own: nobody grants or takes what they do not have."""
    if not has_reach(principal, regions):
        raise Forbidden("You may manage clients of your own regions only.")


async def create_client(
    session: AsyncSession, principal: Principal, body: ClientCreate, settings: GatewaySettings
) -> ClientWithSecret:
    """A new client and its secret, which is not kept anywhere in a readable form."""
    require_reach(principal, body.scope)
    secret = make_secret()
    row = await session.execute(
        insert(client)
        .values(
            id=str(uuid7()),
            name=body.name,
            role=body.role,
            regions=body.scope,
            organisation_id=body.organisation_id,
            requests_per_minute=body.requests_per_minute or settings.client_requests_per_minute,
            secret_hash=hash_secret(settings.hash_key.get_secret_value(), secret),
            created_by=principal.client_id,
        )
        .returning(client)
    )
    return _with_secret(row.mappings().one(), secret)


async def rotate_secret(
    session: AsyncSession,
    principal: Principal,
    client_id: str,
    wish: SecretRotate,
    settings: GatewaySettings,
) -> tuple[ClientWithSecret, int]:
    """A new secret, and the generation of tokens that are good from now on. Revoked clients get none (409)."""
    found = await _lock_client(session, principal, client_id)
    if found["revoked_at"] is not None:
        raise NotAllowedNow("This client has been revoked.")
    secret, keep = make_secret(), wish.keep_old_seconds
    statement = update(client).where(client.c.id == client_id)
    statement = statement.values(
        secret_hash=hash_secret(settings.hash_key.get_secret_value(), secret),
        previous_hash=client.c.secret_hash if keep else None,
        previous_until=func.now() + timedelta(seconds=keep) if keep else None,
    )
    if wish.revoke_tokens:
        statement = statement.values(
            token_generation=client.c.token_generation + 1, tokens_void_at=func.now()
        )
    row = (await session.execute(statement.returning(client))).mappings().one()
    return _with_secret(row, secret), row["token_generation"]


async def revoke_client(session: AsyncSession, principal: Principal, client_id: str) -> int:
    """Its secrets stop working, and its tokens. Returns the first generation that would be good; none will be made.

    Revoking twice changes nothing.
    """
    found = await _lock_client(session, principal, client_id)
    if found["revoked_at"] is not None:
        return int(found["token_generation"])
    generation = await session.scalar(
        update(client)
        .where(client.c.id == client_id)
        .values(revoked_at=func.now(), revoked_by=principal.client_id, previous_hash=None)
        .returning(client.c.token_generation)  # the table's trigger has made a new one
    )
    return int(generation or 0)


async def bootstrap_admin(session: AsyncSession, settings: GatewaySettings) -> None:
    """The first admin, named by the environment: created, or given the secret that stands there now."""
    secret = settings.bootstrap_admin_secret.get_secret_value()
    if not settings.bootstrap_admin_id or not secret:
        return
    hashed = hash_secret(settings.hash_key.get_secret_value(), secret)
    statement = upsert(client).values(
        id=settings.bootstrap_admin_id,
        name="Bootstrap admin",
        role="admin",
        regions=[EVERYWHERE],
        requests_per_minute=BOOTSTRAP_REQUESTS_PER_MINUTE,
        secret_hash=hashed,
        created_by="environment",
    )
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["id"],
            set_={"secret_hash": hashed},
            where=client.c.secret_hash.is_distinct_from(hashed),
        )
    )


async def _lock_client(session: AsyncSession, principal: Principal, client_id: str) -> Mapping[str, Any]:
    """The client's row; 404 when there is none or it reaches beyond the admin's regions."""
    rows = await session.execute(select(client).where(client.c.id == client_id).with_for_update())
    found = rows.mappings().one_or_none()
    if found is None or not has_reach(principal, found["regions"]):
        raise NotFound
    return dict(found)


def _with_secret(row: Mapping[Any, Any], secret: str) -> ClientWithSecret:
    public = {name: row[name] for name in Client.model_fields}
    return ClientWithSecret(**public, client_id=row["id"], client_secret=secret)
