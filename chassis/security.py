"""Who is asking: tokens checked by every service itself, roles and regions as data on each route."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

import httpx2
import jwt
import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.routing import APIRoute, iter_route_contexts

from chassis.issuer import open_http_client
from chassis.problems import Forbidden, Unauthorised, Unavailable
from chassis.revocations import RevocationFeed, Revocations
from contracts.territories import REGIONS

Role = Literal["portal", "agency", "coordinator", "analyst", "federal", "admin"]
ROLES: tuple[Role, ...] = ("portal", "agency", "coordinator", "analyst", "federal", "admin")
ALGORITHMS = ("EdDSA", "ES256", "RS256")
CACHED_TOKENS = 10_000
REFETCH_SECONDS = 5.0
CLOCK_SKEW_SECONDS = 60.0  # so far the clocks of two machines may differ
log = structlog.get_logger()


@dataclass(frozen=True)
class Principal:
    """The client behind a token. `regions` is None when it may act everywhere; `generation`: of its rights."""

    client_id: str
    role: Role
    regions: frozenset[str] | None
    organisation_id: UUID | None
    expires_at: float
    generation: int = 0

    def may_see(self, region: str) -> bool:
        """Whether a region is within reach."""
        return self.regions is None or region in self.regions

    def require_region(self, region: str) -> None:
        """403 for a region out of reach."""
        if not self.may_see(region):
            raise Forbidden("This region is outside your scope.")

    @property
    def is_everywhere(self) -> bool:
        """Whether it may act in all regions: said by an explicit `*`, never by saying nothing."""
        return self.regions is None

    def regions_within(self, asked: str | None = None) -> list[str]:
        """The regions a query is limited to: the one asked for (403 out of reach), or all within reach.

        No regions means none. This is the only way from a token to the regions of a query.
        """
        if asked is not None:
            self.require_region(asked)
            return [asked]
        return sorted(REGIONS if self.regions is None else self.regions)

    def require_everywhere(self) -> None:
        """403 for who is bound to regions: for what concerns all of them."""
        if not self.is_everywhere:
            raise Forbidden("This concerns all regions and needs a token for all of them.")

    @property
    def organisation(self) -> UUID:
        """The organisation of an agency's token; 403 when the token has none."""
        if self.organisation_id is None:
            raise Forbidden("This needs a token of an organisation.")
        return self.organisation_id


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
        if self.revocations.void(principal.client_id, principal.generation):
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


def principal_of(claims: dict[str, Any]) -> Principal:
    """Claims → principal. Raises ValueError/KeyError for claims that make no sense (fail closed)."""
    role = claims["role"]
    if role not in ROLES:
        raise ValueError("unknown role")
    regions = claims["regions"]
    if not isinstance(regions, list):
        raise ValueError("regions must be a list")
    organisation = claims.get("organisation")
    if role == "agency" and not organisation:
        raise ValueError("an agency token names its organisation")
    return Principal(
        client_id=str(claims["sub"]),
        role=role,
        regions=None if "*" in regions else frozenset(str(region) for region in regions),
        organisation_id=UUID(str(organisation)) if organisation else None,
        expires_at=float(claims["exp"]),
        generation=int(claims.get("generation", 0)),
    )


def bearer_token(request: Request) -> str:
    """The token of the Authorization header; 401 when there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorised("Send `Authorization: Bearer <access token>`.")
    return token.strip()


class Allow:
    """Dependency: the principal, if its role is one of `roles` (admin always is)."""

    def __init__(self, *roles: Role) -> None:
        self.roles = tuple(role for role in ROLES if role in roles or role == "admin")

    async def __call__(self, request: Request) -> Principal:
        verifier: TokenVerifier = request.app.state.verifier
        principal = await verifier.verify(bearer_token(request))
        request.state.principal = principal
        if principal.role not in self.roles:
            raise Forbidden(f"Needs one of the roles: {', '.join(self.roles)}.")
        return principal


def allowed(*roles: Role) -> Any:
    """`principal: Annotated[Principal, allowed("portal")]` – before any session is opened.

    The order of parameters matters: put the principal first, so that row isolation knows it.
    """
    return Depends(Allow(*roles))


def admission_of(dependant: Any) -> Allow | None:
    """What a route asks of who calls it; None for an open route."""
    for dependency in dependant.dependencies:
        found = dependency.call if isinstance(dependency.call, Allow) else admission_of(dependency)
        if found is not None:
            return found
    return None


def roles_of(dependant: Any) -> tuple[Role, ...] | None:
    """The roles a route's dependencies admit; None for an open route."""
    admission = admission_of(dependant)
    return admission.roles if admission else None


def show_roles(app: FastAPI) -> None:
    """Put the admitted roles of every route into the OpenAPI document as `x-roles` (read by the access tests)."""
    make_document = app.openapi

    def openapi() -> dict[str, Any]:
        document = make_document()
        for context in iter_route_contexts(app.routes):
            roles = roles_of(context.dependant) if isinstance(context.original_route, APIRoute) else None
            for method in context.methods or () if roles else ():
                operation = document["paths"].get(context.path_format, {}).get(method.lower())
                if operation is not None:
                    operation["x-roles"] = list(roles or ())
        return document

    app.openapi = openapi  # type: ignore[method-assign]


class AllowEverywhere(Allow):
    """The same for what concerns all regions: a principal bound to some is refused."""

    async def __call__(self, request: Request) -> Principal:
        principal = await super().__call__(request)
        principal.require_everywhere()
        return principal


AnyRole = Annotated[Principal, allowed(*ROLES)]
AdminOnly = Annotated[Principal, allowed("admin")]
# Dead letters, replays, metrics …: they hold, or touch, what belongs to every region.
NationalAdmin = Annotated[Principal, Depends(AllowEverywhere("admin"))]
