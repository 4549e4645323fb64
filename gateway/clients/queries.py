"""What reads clients."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import RowMapping, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.revocations import KEEP_SECONDS
from chassis.security import Principal
from gateway.models import client
from gateway.schemas import Client
from gateway.tokens.secrets import hash_secret

_NOBODY = bytes(32)
_PUBLIC = [client.c[name] for name in Client.model_fields]


@dataclass(frozen=True)
class Rights:
    """What a client's token may say."""

    client_id: str
    role: str
    regions: list[str]
    organisation_id: UUID | None
    generation: int


async def list_clients(
    session: AsyncSession, principal: Principal, *, role: str | None, after: str, limit: int
) -> list[RowMapping]:
    """Clients within the admin's regions, by id."""
    query = select(*_PUBLIC).where(client.c.id > after).order_by(client.c.id).limit(limit)
    if not principal.is_everywhere:
        query = query.where(client.c.regions.contained_by(principal.regions_within()))
    if role is not None:
        query = query.where(client.c.role == role)
    return list((await session.execute(query)).mappings())


async def authenticate_client(
    session: AsyncSession, client_id: str, secret: str, hash_key: str
) -> Rights | None:
    """The rights behind a pair of id and secret, or None. Takes as long for an unknown id as for a wrong secret."""
    row = (
        await session.execute(
            select(client, (client.c.previous_until > func.now()).label("previous_valid")).where(
                client.c.id == client_id, client.c.revoked_at.is_(None)
            )
        )
    ).one_or_none()
    given = hash_secret(hash_key, secret)
    current = hmac.compare_digest(given, bytes(row.secret_hash) if row else _NOBODY)
    previous = bool(row and row.previous_hash and row.previous_valid)
    previous = (
        hmac.compare_digest(given, bytes(row.previous_hash) if previous and row else _NOBODY) and previous
    )
    if row is None or not (current or previous):
        return None
    return Rights(row.id, row.role, list(row.regions), row.organisation_id, row.token_generation)


async def read_directory(session: AsyncSession) -> dict[str, int]:
    """Client id → requests per minute."""
    rows = await session.execute(
        select(client.c.id, client.c.requests_per_minute).where(client.c.revoked_at.is_(None))
    )
    return {row.id: row.requests_per_minute for row in rows}


async def read_revocations(session: AsyncSession) -> dict[str, int]:
    """Client id → first good generation, of clients some of whose tokens are void and could else be valid."""
    since = func.now() - timedelta(seconds=KEEP_SECONDS)
    rows = await session.execute(
        select(client.c.id, client.c.token_generation).where(client.c.tokens_void_at > since)
    )
    return {row.id: row.token_generation for row in rows}
