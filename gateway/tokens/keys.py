"""The keys that sign tokens: kept encrypted in the database, replaced in time, two valid during a rotation."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import Unavailable
from gateway.models import signing_key
from gateway.settings import GatewaySettings
from gateway.tokens.vault import Vault, WrongKey

ALGORITHM = "EdDSA"
log = structlog.get_logger()


@dataclass(frozen=True)
class SigningKey:
    """One key pair; tokens are signed with the youngest whose time has come."""

    id: str
    private: Ed25519PrivateKey
    jwk: dict[str, Any]
    signs_from: datetime


class KeyRing:
    """The keys in force, youngest last; empty until the database has been read once."""

    def __init__(self) -> None:
        self.keys: tuple[SigningKey, ...] = ()

    def public_keys(self) -> list[dict[str, Any]]:
        """The JWKS entries; 503 before the keys are known."""
        if not self.keys:
            raise Unavailable("The signing keys are not loaded yet.")
        return [key.jwk for key in self.keys]

    def signer(self, now: datetime) -> SigningKey:
        """The key to sign with; 503 before the keys are known."""
        if not self.keys:
            raise Unavailable("The signing keys are not loaded yet.")
        return next((key for key in reversed(self.keys) if key.signs_from <= now), self.keys[0])


async def load_keys(session: AsyncSession, vault: Vault) -> tuple[SigningKey, ...]:
    """All stored keys, youngest last. WrongKey when the encryption key is another one."""
    rows = await session.execute(select(signing_key).order_by(signing_key.c.signs_from, signing_key.c.id))
    return tuple(
        SigningKey(
            id=row.id,
            private=Ed25519PrivateKey.from_private_bytes(vault.open(bytes(row.private_key), row.id)),
            jwk=row.public_jwk,
            signs_from=row.signs_from,
        )
        for row in rows
    )


async def drop_damaged(session: AsyncSession, vault: Vault) -> None:
    """Forget a private key that does not open although the vault's key is proven: the row is damaged, and a new key
    takes its place. Tokens it signed are not accepted any more; they live ten minutes."""
    rows = await session.execute(select(signing_key.c.id, signing_key.c.private_key))
    for row in rows.all():
        try:
            vault.open(bytes(row.private_key), row.id)
        except WrongKey:
            log.error("signing key is damaged and replaced", key=row.id)
            await session.execute(delete(signing_key).where(signing_key.c.id == row.id))


async def rotate_keys(session: AsyncSession, settings: GatewaySettings, vault: Vault) -> None:
    """Make the first key, or the next one when the youngest is old; drop those no valid token can be signed with.

    Several gateways at once take turns. The next key rests a while before it signs, so that everybody has read it.
    """
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('otklik signing keys'))"))
    now = await session.scalar(select(func.now()))
    assert now is not None
    ages = list(await session.scalars(select(signing_key.c.signs_from).order_by(signing_key.c.signs_from)))
    if not ages:
        await session.execute(insert(signing_key).values(make_key(vault, now)))
    elif ages[-1] < now - timedelta(days=settings.signing_key_days):
        rest = timedelta(seconds=settings.signing_key_rest_seconds)
        await session.execute(insert(signing_key).values(make_key(vault, now + rest)))
    in_force = [age for age in ages if age <= now - timedelta(seconds=2 * settings.token_seconds)]
    if in_force:
        await session.execute(delete(signing_key).where(signing_key.c.signs_from < in_force[-1]))


def make_key(vault: Vault, signs_from: datetime) -> dict[str, Any]:
    """A row of `signing_key`."""
    key = Ed25519PrivateKey.generate()
    key_id = secrets.token_urlsafe(12)
    raw = key.private_bytes(
        serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
    )
    public: dict[str, Any] = jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {
        "id": key_id,
        "private_key": vault.seal(raw, key_id),
        "public_jwk": {**public, "kid": key_id, "alg": ALGORITHM, "use": "sig"},
        "signs_from": signs_from,
    }
