"""Who may pass: the tokens that have been checked, by the header they came in."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

import jwt

from chassis.principals import Principal
from chassis.problems import Unauthorised
from chassis.tokens import TokenVerifier
from gateway.settings import GatewaySettings
from gateway.tokens.issuing import Rights, issue_token
from gateway.tokens.keys import KeyRing
from gateway.tokens.known_results import AuthResult, KnownResults
from gateway.tokens.verifiers import OutsideVerifier

LONGEST_HEADER = 4096
# One token can be written in many ways, with spaces before it or padding behind it: only this one is
# remembered, so that nobody fills the memory with one token.
_PLAIN = re.compile(rb"Bearer [\w-]+\.[\w-]+\.[\w-]+")
SHORTEST_TOKEN_SECONDS = 5


class Authenticator:
    """Remembers by header what it has checked, so that a repeated token costs a dictionary look-up."""

    def __init__(self, own: TokenVerifier, ring: KeyRing, settings: GatewaySettings) -> None:
        self.own = own
        self.ring = ring
        self.settings = settings
        self.outside = OutsideVerifier(settings) if settings.oidc_issuer else None
        self._known = KnownResults(own.revocations)

    def recall(self, header: bytes, now: float) -> AuthResult | None:
        """The result for an Authorization header seen before and still valid (`now`: UNIX time)."""
        return self._known.recall(header, now)

    async def authenticate(self, header: bytes) -> AuthResult:
        """Check an Authorization header; 401 for a bad one, 503 when keys cannot be had."""
        scheme, _, token = header.decode("latin-1").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token or len(header) > LONGEST_HEADER:
            raise Unauthorised("Send `Authorization: Bearer <access token>`.")
        if self.outside is not None and _issuer_of(token) == self.settings.oidc_issuer:
            result = self._exchange(await self.outside.verify(token))
        else:
            principal = await self.own.verify(token)
            result = AuthResult(principal, principal.expires_at)
        if _PLAIN.fullmatch(header):
            self._known.remember(header, result)
        return result

    def _exchange(self, principal: Principal) -> AuthResult:
        """Services trust our signature only: an outsider gets a token of ours for as long as its own lasts."""
        now = time.time()
        seconds = int(min(principal.expires_at - now, self.settings.token_seconds))
        if seconds < SHORTEST_TOKEN_SECONDS:
            raise Unauthorised("The access token is not valid or has expired.")
        rights = Rights(
            client_id=principal.client_id,
            role=principal.role,
            regions=["*"] if principal.is_everywhere else principal.regions_within(),
            municipalities=sorted(principal.municipalities or ()),
            organisation_id=principal.organisation_id,
            person=principal.person,
        )
        token = issue_token(self.ring, self.settings, datetime.fromtimestamp(now, UTC), rights, seconds)
        return AuthResult(principal, now + seconds, b"Bearer " + token.encode())


def _issuer_of(token: str) -> str:
    try:
        return str(jwt.decode(token, options={"verify_signature": False}).get("iss", ""))
    except jwt.InvalidTokenError:
        return ""
