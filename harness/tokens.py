"""Tokens as the gateway makes them."""

from __future__ import annotations

import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from uuid_utils.compat import uuid7


class TokenMint:
    """Signs tokens like the gateway does, with a key of its own."""

    def __init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()
        public = jwt.algorithms.OKPAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        self.jwk = {**public, "kid": "test", "alg": "EdDSA", "use": "sig"}

    def token(
        self,
        role: str,
        regions: list[str] | None = None,
        organisation: object = None,
        client: str = "",
        **changes: object,
    ) -> str:
        """A token; `changes` override single claims (None removes one)."""
        now = int(time.time())
        claims: dict[str, object] = {
            "iss": "otklik",
            "aud": "otklik",
            "sub": client or f"client-{role}",
            "iat": now,
            "exp": now + 600,
            "jti": str(uuid7()),
            "role": role,
            "regions": regions if regions is not None else ["46"],
            **({"organisation": str(organisation)} if organisation else {}),
            **changes,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(kept, self._key, algorithm="EdDSA", headers={"kid": "test"})

    def headers(self, role: str, *args: Any, **kwargs: Any) -> dict[str, str]:
        """The Authorization header of a token."""
        return {"Authorization": f"Bearer {self.token(role, *args, **kwargs)}"}
