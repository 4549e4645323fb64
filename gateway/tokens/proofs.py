"""Proving the gateway's keys by what was made before keys were checked at the start."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows, scalar
from chassis.keys import NamedKey, common_keys
from gateway.settings import GatewaySettings
from gateway.tokens.secrets import hash_secret
from gateway.tokens.vault import Vault


@dataclass(frozen=True, slots=True)
class SealedKey:
    """A signing key as it is stored."""

    id: str
    private_key: bytes


def gateway_keys(settings: GatewaySettings) -> tuple[NamedKey, ...]:
    """The key of signing keys, the key of client secrets, the key of cursors."""
    secret = settings.encryption_key.get_secret_value()
    encryption = NamedKey(
        "encryption key", "OTKLIK_ENCRYPTION_KEY", secret, evidence=partial(_opens, Vault(secret))
    )
    return (encryption, *common_keys(settings, partial(_hashed, settings)))


async def _opens(vault: Vault, session: AsyncSession) -> bool | None:
    """Whether the key opens any of the signing keys."""
    stored = await rows(session, SealedKey, "SELECT id, private_key FROM gateway.signing_key")
    return any(vault.opens(key.private_key, key.id) for key in stored) if stored else None


async def _hashed(settings: GatewaySettings, session: AsyncSession) -> bool | None:
    """Whether the first admin's secret has the hash that is stored."""
    stored = await scalar(
        session,
        bytes,
        "SELECT secret_hash FROM gateway.client WHERE id = :id AND created_by = 'environment'",
        id=settings.bootstrap_admin_id,
    )
    if stored is None:
        return None
    secret = settings.bootstrap_admin_secret.get_secret_value()
    return hmac.compare_digest(stored, hash_secret(settings.hash_key.get_secret_value(), secret))
