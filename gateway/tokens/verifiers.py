"""Checking tokens of our own, and of an outside issuer when one is configured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import httpx2
import jwt

from chassis.problems import Unavailable
from chassis.security import Principal, TokenVerifier, principal_of
from gateway.settings import GatewaySettings
from gateway.tokens.keys import KeyRing


class OwnVerifier(TokenVerifier):
    """Checks our own tokens with the keys of this very process, which also keeps `revocations` up to date."""

    def __init__(self, ring: KeyRing, settings: GatewaySettings) -> None:
        super().__init__("", settings.token_issuer, settings.token_audience, check_revocations=False)
        self.ring = ring

    async def load_keys(self) -> dict[str, jwt.PyJWK]:
        return {key["kid"]: jwt.PyJWK.from_dict(key) for key in self.ring.public_keys()}


class OutsideVerifier(TokenVerifier):
    """Checks tokens of an OIDC issuer and reads its claims by the configured names.

    Its subjects get the prefix `oidc:`, so that they never meet our own client ids.
    """

    required_claims: ClassVar[tuple[str, ...]] = ("exp", "iat", "sub", "aud", "iss")

    def __init__(self, settings: GatewaySettings) -> None:
        super().__init__(
            settings.oidc_jwks_url, settings.oidc_issuer, settings.oidc_audience, check_revocations=False
        )
        self.settings = settings

    async def load_keys(self) -> dict[str, jwt.PyJWK]:
        try:
            async with httpx2.AsyncClient(timeout=10) as client:
                response = await client.get(self.jwks_url)
                response.raise_for_status()
                found = response.json()["keys"]
        except (httpx2.HTTPError, OSError, ValueError, KeyError):
            raise Unavailable("The outside issuer's keys are not reachable.") from None
        return _signature_keys(found)

    def read_claims(self, claims: Mapping[str, Any]) -> Principal:
        settings = self.settings
        regions = claims[settings.oidc_regions_claim]
        return principal_of(
            {
                "sub": f"oidc:{claims['sub']}",
                "exp": claims["exp"],
                "role": claims[settings.oidc_role_claim],
                "regions": [regions] if isinstance(regions, str) else regions,
                "organisation": claims.get(settings.oidc_organisation_claim),
            }
        )


def _signature_keys(found: Iterable[Mapping[str, Any]]) -> dict[str, jwt.PyJWK]:
    """Published keys by id, without those for something else than signatures."""
    keys = {}
    for key in found:
        try:
            keys[str(key["kid"])] = jwt.PyJWK.from_dict(dict(key))
        except (jwt.PyJWTError, KeyError):
            continue
    return keys
