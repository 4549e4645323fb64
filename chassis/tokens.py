"""Tokens, checked by every service itself."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import Any, ClassVar

import httpx2
import jwt

from chassis.issuer import open_http_client
from chassis.principals import Principal, principal_of
from chassis.problems import Unauthorised, Unavailable
from chassis.revocations import RevocationFeed, Revocations

ALGORITHMS = ("EdDSA", "ES256", "RS256")
CACHED_TOKENS = 10_000
REFETCH_SECONDS = 5.0
CLOCK_SKEW_SECONDS = 60.0  # so far the clocks of two machines may differ


class TokenVerifier:
    """Checks signatures against the gateway's (or an outside issuer's) published keys; caches what it has seen.

    Whether a token was taken back is asked at every call. `check_revocations`: whether the issuer publishes that.
    """

    required_claims: ClassVar[tuple[str, ...]] = ("exp", "iat", "sub", "aud", "iss", "jti")

    def __init__(self, jwks_url: str, issuer: str, audience: str, *, check_revocations: bool = True) -> None:
        self.jwks_url = jwks_url
        self.issuer = issuer
        self.audience = audience
        self.revocations = Revocations()
        self.feed = RevocationFeed(jwks_url, self.revocations) if check_revocations else None
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = float("-inf")
        self._fetching = asyncio.Lock()
        self._seen: OrderedDict[str, Principal] = OrderedDict()

    async def verify(self, token: str) -> Principal:
        """The principal of a valid token; 401 otherwise."""
        principal = self._seen.get(token)
        if principal is None or principal.expires_at <= time.time():
            principal = await self._check(token)
        if self.revocations.voids(principal):
            raise Unauthorised("The access token has been revoked.")
        return principal

    async def _check(self, token: str) -> Principal:
        key = await self._key_of(token)
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                audience=self.audience,
                issuer=self.issuer,
                options={"require": list(self.required_claims), "verify_iat": False},
            )
            _require_lifetime(claims, time.time())
            principal = self.read_claims(claims)
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError):
            raise Unauthorised("The access token is not valid or has expired.") from None
        self._remember(token, principal)
        return principal

    def _remember(self, token: str, principal: Principal) -> None:
        self._seen[token] = principal
        while len(self._seen) > CACHED_TOKENS:
            self._seen.popitem(last=False)

    async def _key_of(self, token: str) -> jwt.PyJWK:
        try:
            key_id = str(jwt.get_unverified_header(token).get("kid", ""))
        except jwt.InvalidTokenError:
            raise Unauthorised("The access token is malformed.") from None
        if key_id not in self._keys:
            await self._fetch_keys()
        if key_id not in self._keys:
            raise Unauthorised("The access token is signed with an unknown key.")
        return self._keys[key_id]

    async def _fetch_keys(self) -> None:
        async with self._fetching:
            if time.monotonic() - self._fetched_at < REFETCH_SECONDS:
                return
            if (
                self.feed is not None
            ):  # no key without the list: a new process refuses what was revoked before it began
                await self.feed.require()
            self._keys = await self.load_keys()
            self._fetched_at = time.monotonic()

    async def load_keys(self) -> dict[str, jwt.PyJWK]:
        """The published keys by id; 503 while they cannot be had. Who holds them itself overrides this."""
        try:
            async with open_http_client(self.jwks_url) as (client, base):
                response = await client.get(base + "/.well-known/jwks.json")
                response.raise_for_status()
                document = response.json()
        except (httpx2.HTTPError, OSError, ValueError):
            raise Unavailable("The key server is not reachable.") from None
        return {key["kid"]: jwt.PyJWK.from_dict(key) for key in document["keys"]}

    def read_claims(self, claims: dict[str, Any]) -> Principal:
        """Claims whose signature is good → principal; overridden for issuers that name things differently."""
        return principal_of(claims)


def _require_lifetime(claims: dict[str, Any], now: float) -> None:
    """ValueError for a token of the future or from before 1970, and for one that ends before it was issued."""
    issued = float(claims["iat"])
    if not 0 <= issued <= now + CLOCK_SKEW_SECONDS:  # also false for NaN
        raise ValueError("issued at an impossible time")
    if not issued <= float(claims["exp"]):
        raise ValueError("ends before it begins")
