"""Who may pass: tokens of our own, and of an outside issuer when one is configured."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

import httpx2
import jwt

from chassis.problems import Unauthorised, Unavailable
from chassis.security import Principal, TokenVerifier, principal_of
from gateway.settings import GatewaySettings
from gateway.tokens.issuing import issue_token
from gateway.tokens.keys import KeyRing

CACHED_ADMISSIONS = 20_000
LONGEST_HEADER = 4096
# One token can be written in many ways, with spaces before it or padding behind it: only this one is
# remembered, so that nobody fills the memory with one token.
_PLAIN = re.compile(rb"Bearer [\w-]+\.[\w-]+\.[\w-]+")
SHORTEST_TOKEN_SECONDS = 5


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
        keys = {}
        for key in found:
            try:
                keys[str(key["kid"])] = jwt.PyJWK.from_dict(key)
            except (jwt.PyJWTError, KeyError):
                continue  # a key for something else than signatures
        return keys

    def read_claims(self, claims: dict[str, Any]) -> Principal:
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


@dataclass(frozen=True, slots=True)
class Admission:
    """A token that has been checked. `forward` replaces the Authorization header when the token was an outsider's."""

    principal: Principal
    expires_at: float
    forward: bytes | None = None


class Doorkeeper:
    """Remembers by header what it has checked, so that a repeated token costs a dictionary look-up."""

    def __init__(self, own: TokenVerifier, ring: KeyRing, settings: GatewaySettings) -> None:
        self.own = own
        self.ring = ring
        self.settings = settings
        self.outside = OutsideVerifier(settings) if settings.oidc_issuer else None
        self._known: dict[bytes, Admission] = {}

    def recall(self, header: bytes, now: float) -> Admission | None:
        """The admission of an Authorization header seen before and still valid (`now`: UNIX time)."""
        known = self._known.get(header)
        if known is None or known.expires_at <= now:
            return None
        principal = known.principal
        return None if self.own.revocations.void(principal.client_id, principal.generation) else known

    async def admit(self, header: bytes) -> Admission:
        """Check an Authorization header; 401 for a bad one, 503 when keys cannot be had."""
        scheme, _, token = header.decode("latin-1").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token or len(header) > LONGEST_HEADER:
            raise Unauthorised("Send `Authorization: Bearer <access token>`.")
        if self.outside is not None and _issuer_of(token) == self.settings.oidc_issuer:
            admission = self._exchange(await self.outside.verify(token))
        else:
            principal = await self.own.verify(token)
            admission = Admission(principal, principal.expires_at)
        if _PLAIN.fullmatch(header):
            self._remember(header, admission)
        return admission

    def _remember(self, header: bytes, admission: Admission) -> None:
        if len(self._known) >= CACHED_ADMISSIONS:
            self._forget_half()
        self._known[header] = admission

    def _exchange(self, principal: Principal) -> Admission:
        """Services trust our signature only: an outsider gets a token of ours for as long as its own lasts."""
        now = time.time()
        seconds = int(min(principal.expires_at - now, self.settings.token_seconds))
        if seconds < SHORTEST_TOKEN_SECONDS:
            raise Unauthorised("The access token is not valid or has expired.")
        token = issue_token(
            self.ring,
            self.settings,
            datetime.fromtimestamp(now, UTC),
            client_id=principal.client_id,
            role=principal.role,
            regions=["*"] if principal.is_everywhere else principal.regions_within(),
            organisation_id=principal.organisation_id,
            seconds=seconds,
        )
        return Admission(principal, now + seconds, b"Bearer " + token.encode())

    def _forget_half(self) -> None:
        for header in list(self._known)[: CACHED_ADMISSIONS // 2]:
            del self._known[header]


def _issuer_of(token: str) -> str:
    try:
        return str(jwt.decode(token, options={"verify_signature": False}).get("iss", ""))
    except jwt.InvalidTokenError:
        return ""
