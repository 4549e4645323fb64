"""What reads clients."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, rows
from chassis.principals import Principal
from gateway import tables
from gateway.tokens.forms import Credentials
from gateway.tokens.issuing import Rights
from gateway.tokens.secrets import hash_secret

_LIST = """
SELECT * FROM gateway.client
WHERE id > :after AND (:everywhere OR regions <@ :regions) AND (:role::text IS NULL OR role = :role)
ORDER BY id LIMIT :limit
"""
# While the secret before it lives on it is good as well; afterwards both are the same.
_STORED = """
SELECT id, role, regions, municipalities, organisation_id, token_generation, secret_hash AS current_hash,
    CASE WHEN previous_until > now() AND previous_hash IS NOT NULL THEN previous_hash ELSE secret_hash END AS previous_hash
FROM gateway.client WHERE id = :id AND revoked_at IS NULL
"""
# Secrets of two clients may be set alike from outside: then nobody is meant.
_OF_HASH = """
SELECT id, role, regions, municipalities, organisation_id, token_generation, secret_hash AS current_hash,
    secret_hash AS previous_hash
FROM gateway.client
WHERE revoked_at IS NULL AND (secret_hash = :hash OR (previous_until > now() AND previous_hash = :hash)) LIMIT 2
"""
_RATES = "SELECT id, requests_per_minute AS value FROM gateway.client WHERE revoked_at IS NULL"
_NO_HASH = bytes(32)


@dataclass(frozen=True, slots=True)
class StoredClient:
    """What a client may do, and the hashes of the secrets it proves itself with."""

    id: str
    role: str
    regions: list[str]
    municipalities: list[str]
    organisation_id: UUID | None
    token_generation: int
    current_hash: bytes
    previous_hash: bytes


@dataclass(frozen=True, slots=True)
class ClientNumber:
    """One number of a client."""

    id: str
    value: int


async def list_clients(
    session: AsyncSession, principal: Principal, *, role: str | None, after: str, limit: int
) -> list[tables.Client]:
    """Clients within the admin's regions, by id."""
    return await rows(
        session,
        tables.Client,
        _LIST,
        after=after,
        everywhere=principal.is_everywhere,
        regions=principal.regions_within(),
        role=role,
        limit=limit,
    )


async def authenticate_client(
    session: AsyncSession, credentials: Credentials, hash_key: str
) -> Rights | None:
    """The rights behind a pair of id and secret, or None. Takes as long for an unknown id as for a wrong secret."""
    if not credentials.are_plausible:
        return None
    stored = await row(session, StoredClient, _STORED, id=credentials.client_id)
    given = hash_secret(hash_key, credentials.secret)
    hashes = (stored.current_hash, stored.previous_hash) if stored else (_NO_HASH, _NO_HASH)
    fitting = [hash for hash in hashes if hmac.compare_digest(given, hash)]
    return None if stored is None or not fitting else _rights_of(stored)


async def find_rights_by_secret(session: AsyncSession, hashed: bytes) -> Rights | None:
    """The rights behind a secret alone, by its hash; None where it is nobody's. 256 random bits are their own name."""
    stored = await rows(session, StoredClient, _OF_HASH, hash=hashed)
    return _rights_of(stored[0]) if len(stored) == 1 else None


def _rights_of(stored: StoredClient) -> Rights:
    return Rights(
        client_id=stored.id,
        role=stored.role,
        regions=stored.regions,
        municipalities=stored.municipalities,
        organisation_id=stored.organisation_id,
        generation=stored.token_generation,
    )


async def read_rates(session: AsyncSession) -> dict[str, int]:
    """Client id → requests per minute."""
    return {each.id: each.value for each in await rows(session, ClientNumber, _RATES)}
