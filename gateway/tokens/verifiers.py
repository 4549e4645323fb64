"""Checking tokens of our own, and of an outside issuer when one is configured."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from hmac import compare_digest
from typing import Any, ClassVar, Final

import httpx2
import jwt

from chassis.principals import Principal, principal_of
from chassis.problems import Unauthorised, Unavailable
from chassis.tokens import ALGORITHMS, CLOCK_SKEW_SECONDS, TokenVerifier
from gateway.settings import GatewaySettings
from gateway.tokens.keys import KeyRing

LISTS = frozenset({"regions", "municipalities"})  # claims an issuer may give as a text where it is one

FRESH_SECONDS: Final = 300.0  # an ID token is shown at once, or it was kept by somebody


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


class IdentityVerifier(OutsideVerifier):
    """Checks what the issuer says of who has just signed in there (an ID token made for the pages)."""

    async def read_login(self, id_token: str, nonce: str) -> str:
        """The login that is meant; 401 for a token that is not of this sign-in, not for the pages, or not fresh."""
        key, settings = await self._key_of(id_token), self.settings
        try:
            claims = jwt.decode(
                id_token,
                key,
                algorithms=list(ALGORITHMS),
                audience=settings.oidc_client_id,
                issuer=settings.oidc_issuer,
                options={"require": [*self.required_claims, "nonce"]},
                leeway=CLOCK_SKEW_SECONDS,
            )
            return _login_in(claims, settings, nonce)
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError):
            raise Unauthorised("The ID token is not good.") from None

    async def _key_of(self, token: str) -> jwt.PyJWK:
        """An issuer of one key need not name it."""
        try:
            named = "kid" in jwt.get_unverified_header(token)
        except jwt.InvalidTokenError:
            named = True
        if named:
            return await super()._key_of(token)
        await self._fetch_keys()
        if len(self._keys) != 1:
            raise Unauthorised("The ID token does not name its key.")
        return next(iter(self._keys.values()))


def _login_in(claims: Mapping[str, Any], settings: GatewaySettings, nonce: str) -> str:
    """ValueError where the token was made for another sign-in, for somebody else besides, or long ago."""
    if not compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
        raise ValueError("another sign-in's")
    if claims.get("azp", settings.oidc_client_id) != settings.oidc_client_id:
        raise ValueError("another client's")
    if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and "azp" not in claims:
        raise ValueError("for several, and of none of them")
    if time.time() - float(claims["iat"]) > FRESH_SECONDS:
        raise ValueError("of long ago")
    # Whoever writes another's address into their account there is not that person here (OpenID Connect Core, 5.1).
    if settings.oidc_login_claim == "email" and claims.get("email_verified") is not True:
        raise ValueError("an address that nobody has checked")
    return str(claims[settings.oidc_login_claim])


def _signature_keys(found: Iterable[Mapping[str, Any]]) -> dict[str, jwt.PyJWK]:
    """Published keys by id, without those for something else than signatures."""
    keys = {}
    for key in found:
        try:
            keys[str(key["kid"])] = jwt.PyJWK.from_dict(dict(key))
        except (jwt.PyJWTError, KeyError):
            continue
    return keys
