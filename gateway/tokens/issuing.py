"""Putting a client's rights into a signed token."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import jwt

from gateway.settings import GatewaySettings
from gateway.tokens.keys import ALGORITHM, KeyRing


def issue_token(
    ring: KeyRing,
    settings: GatewaySettings,
    now: datetime,
    *,
    client_id: str,
    role: str,
    regions: Sequence[str],
    organisation_id: UUID | None,
    generation: int = 0,
    seconds: int | None = None,
) -> str:
    """A JWT (EdDSA) valid for `seconds`, by default as long as the settings say."""
    key = ring.signer(now)
    issued = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": settings.token_issuer,
        "aud": settings.token_audience,
        "sub": client_id,
        "iat": issued,
        "exp": issued + (seconds or settings.token_seconds),
        "jti": str(uuid4()),
        "role": role,
        "regions": list(regions),
        "generation": generation,
    }
    if organisation_id is not None:
        claims["organisation"] = str(organisation_id)
    return jwt.encode(claims, key.private, algorithm=ALGORITHM, headers={"kid": key.id})


def utc_now() -> datetime:
    """The edge's clock."""
    return datetime.now(UTC)
