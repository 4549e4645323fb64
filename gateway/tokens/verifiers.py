"""Checking tokens of our own, and of an outside issuer when one is configured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import httpx2
import jwt

from chassis.principals import Principal, principal_of
from chassis.problems import Unavailable
from chassis.tokens import TokenVerifier
from gateway.settings import GatewaySettings
from gateway.tokens.keys import KeyRing

LISTS = frozenset({"regions", "municipalities"})  # claims an issuer may give as a text where it is one


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
        names = {
            "role": settings.oidc_role_claim,
            "regions": settings.oidc_regions_claim,
            "municipalities": settings.oidc_municipalities_claim,
            "organisation": settings.oidc_organisation_claim,
            "person": settings.oidc_person_claim,
        }
        read = {ours: claims[theirs] for ours, theirs in names.items() if theirs in claims}
        for name in LISTS & read.keys():
            read[name] = [read[name]] if isinstance(read[name], str) else read[name]
        return principal_of({**read, "sub": f"oidc:{claims['sub']}", "exp": claims["exp"]})


def _signature_keys(found: Iterable[Mapping[str, Any]]) -> dict[str, jwt.PyJWK]:
    """Published keys by id, without those for something else than signatures."""
    keys = {}
    for key in found:
        try:
            keys[str(key["kid"])] = jwt.PyJWK.from_dict(dict(key))
        except (jwt.PyJWTError, KeyError):
            continue
    return keys
