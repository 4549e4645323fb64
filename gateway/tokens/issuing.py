"""Putting a client's rights into a signed token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import jwt

from gateway.settings import GatewaySettings
from gateway.tokens.keys import ALGORITHM, KeyRing

PERSON_PREFIX = "person:"


def client_of_person(person_id: UUID) -> str:
    """Who a person's requests count for, where a client's id stands; no client has such an id."""
    return f"{PERSON_PREFIX}{person_id}"


@dataclass(frozen=True, slots=True)
class Rights:
    """What a token says of its bearer. No municipalities: the whole regions."""

    client_id: str
    role: str
    regions: Sequence[str]
    municipalities: Sequence[str] = ()
    organisation_id: UUID | None = None
    person: UUID | None = None
    session: UUID | None = None
    generation: int = 0

    def claims(self) -> dict[str, object]:
        """As the claims of a token; what limits nobody is left out."""
        limits = {
            "municipalities": list(self.municipalities),
            "organisation": self.organisation_id and str(self.organisation_id),
            "person": self.person and str(self.person),
            "session": self.session and str(self.session),
        }
        return {
            "sub": self.client_id,
            "role": self.role,
            "regions": list(self.regions),
            "generation": self.generation,
            **{name: value for name, value in limits.items() if value},
        }


def issue_token(
    ring: KeyRing, settings: GatewaySettings, now: datetime, rights: Rights, seconds: int | None = None
) -> str:
    """A JWT (EdDSA) valid for `seconds`, by default as long as the settings say."""
    key = ring.signer(now)
    issued = int(now.timestamp())
    claims = {
        "iss": settings.token_issuer,
        "aud": settings.token_audience,
        "iat": issued,
        "exp": issued + (seconds or settings.token_seconds),
        "jti": str(uuid4()),
        **rights.claims(),
    }
    return jwt.encode(claims, key.private, algorithm=ALGORITHM, headers={"kid": key.id})
