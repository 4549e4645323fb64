"""The keys that sign tokens: kept encrypted in the database, replaced in time, two valid during a rotation."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import column, encode_json, rows, run, scalar
from chassis.problems import Unavailable
from gateway.settings import GatewaySettings
from gateway.tables import SigningKey
from gateway.tokens.vault import Vault

ALGORITHM = "EdDSA"
Jwk = dict[str, str]
log = structlog.get_logger()

_ALL = "SELECT * FROM gateway.signing_key ORDER BY signs_from, id"
_ADD = """
INSERT INTO gateway.signing_key (id, private_key, public_jwk, signs_from)
VALUES (:id, :private_key, :public_jwk, now() + :rest::interval)
"""
# Those before the one that has signed for so long that nothing signed by an earlier one is valid any more.
_DROP_OLD = """
DELETE FROM gateway.signing_key WHERE signs_from <
    (SELECT max(signs_from) FROM gateway.signing_key WHERE signs_from <= now() - :longest_valid::interval)
"""


@dataclass(frozen=True)
class KeyPair:
    """One signing key; tokens are signed with the youngest whose time has come."""

    id: str
    private: Ed25519PrivateKey
    jwk: Jwk
    signs_from: datetime


class KeyRing:
    """The keys in force, youngest last; empty until the database has been read once."""

    def __init__(self) -> None:
        self.keys: tuple[KeyPair, ...] = ()

    def public_keys(self) -> list[Jwk]:
        """The JWKS entries; 503 before the keys are known."""
        return [key.jwk for key in self._require_keys()]

    def signer(self, now: datetime) -> KeyPair:
        """The key to sign with; 503 before the keys are known."""
        keys = self._require_keys()
        return next((key for key in reversed(keys) if key.signs_from <= now), keys[0])

    def _require_keys(self) -> tuple[KeyPair, ...]:
        if not self.keys:
            raise Unavailable("The signing keys are not loaded yet.")
        return self.keys


async def load_keys(session: AsyncSession, vault: Vault) -> tuple[KeyPair, ...]:
    """All stored keys, youngest last. WrongKey when the encryption key is another one."""
    return tuple(
        KeyPair(
            id=stored.id,
            private=Ed25519PrivateKey.from_private_bytes(vault.open(stored.private_key, stored.id)),
            jwk=stored.public_jwk,
            signs_from=stored.signs_from,
        )
        for stored in await rows(session, SigningKey, _ALL)
    )


async def drop_damaged(session: AsyncSession, vault: Vault) -> None:
    """Forget a private key that does not open although the vault's key is proven: the row is damaged, and a new key
    takes its place. Tokens it signed are not accepted any more; they live ten minutes."""
    stored = await rows(session, SigningKey, _ALL)
    damaged = [key.id for key in stored if not vault.opens(key.private_key, key.id)]
    for key_id in damaged:
        log.error("signing key is damaged and replaced", key=key_id)
        await run(session, "DELETE FROM gateway.signing_key WHERE id = :id", id=key_id)


async def rotate_keys(session: AsyncSession, settings: GatewaySettings, vault: Vault) -> None:
    """Make the first key, or the next one when the youngest is old; drop those no valid token can be signed with.

    Several gateways at once take turns. The next key rests a while before it signs, so that everybody has read it.
    """
    await column(session, object, "SELECT pg_advisory_xact_lock(hashtext('otklik signing keys'))")
    age = await scalar(session, timedelta, "SELECT now() - max(signs_from) FROM gateway.signing_key")
    if age is None:
        await _add_key(session, vault, timedelta())
    elif age > timedelta(days=settings.signing_key_days):
        await _add_key(session, vault, timedelta(seconds=settings.signing_key_rest_seconds))
    await run(session, _DROP_OLD, longest_valid=timedelta(seconds=2 * settings.token_seconds))


async def _add_key(session: AsyncSession, vault: Vault, rest: timedelta) -> None:
    """Store a new key that signs after a `rest`."""
    key = Ed25519PrivateKey.generate()
    key_id = secrets.token_urlsafe(12)
    raw = key.private_bytes(
        serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
    )
    public = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    jwk = {**public, "kid": key_id, "alg": ALGORITHM, "use": "sig"}
    sealed = vault.seal(raw, key_id)
    await run(session, _ADD, id=key_id, private_key=sealed, public_jwk=encode_json(jwk), rest=rest)
