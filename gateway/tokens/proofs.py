"""Proving the gateway's keys by what was made before keys were checked at the start."""

from __future__ import annotations

import hmac
from functools import partial

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.keys import NamedKey, common_keys
from gateway.models import client, signing_key
from gateway.settings import GatewaySettings
from gateway.tokens.secrets import hash_secret
from gateway.tokens.vault import Vault, WrongKey


def gateway_keys(settings: GatewaySettings) -> tuple[NamedKey, ...]:
    """The key of signing keys, the key of client secrets, the key of cursors."""
    secret = settings.encryption_key.get_secret_value()
    encryption = NamedKey(
        "encryption key", "OTKLIK_ENCRYPTION_KEY", secret, evidence=partial(_opens, Vault(secret))
    )
    return (encryption, *common_keys(settings, partial(_hashed, settings)))


async def _opens(vault: Vault, session: AsyncSession) -> bool | None:
    """Whether the key opens any of the signing keys."""
    rows = (await session.execute(select(signing_key.c.id, signing_key.c.private_key))).all()
    return any(_fits(vault, row.id, bytes(row.private_key)) for row in rows) if rows else None


def _fits(vault: Vault, key_id: str, sealed: bytes) -> bool:
    try:
        vault.open(sealed, key_id)
    except WrongKey:
        return False
    return True


async def _hashed(settings: GatewaySettings, session: AsyncSession) -> bool | None:
    """Whether the first admin's secret has the hash that is stored."""
    stored = await session.scalar(
        select(client.c.secret_hash).where(
            client.c.id == settings.bootstrap_admin_id, client.c.created_by == "environment"
        )
    )
    if stored is None:
        return None
    secret = settings.bootstrap_admin_secret.get_secret_value()
    return hmac.compare_digest(bytes(stored), hash_secret(settings.hash_key.get_secret_value(), secret))
