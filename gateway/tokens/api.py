"""HTTP: asking for a token, and the keys to check it with."""

from __future__ import annotations

import hashlib
from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse, Response

from chassis.db import Reading
from chassis.limits import TooMany
from chassis.moments import utc_now
from chassis.problems import Unavailable
from chassis.strict_routes import Router
from gateway.clients.queries import authenticate_client
from gateway.resources import GatewayResources, resources_of
from gateway.schemas import KeySet, OAuthError, RevokedTokens, Token
from gateway.tokens.failed_logins import limit_of_address
from gateway.tokens.forms import FORM, FORM_SCHEMA, Refusal, read_credentials
from gateway.tokens.issuing import issue_token

_NOT_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}
router = APIRouter(tags=["tokens"])  # what a form says beyond OAuth is ignored (RFC 6749, 3.2)
keys_router = Router(tags=["tokens"])


@router.post(
    "/oauth/token",
    responses={400: {"model": OAuthError}, 401: {"model": OAuthError}},
    openapi_extra={"requestBody": {"required": True, "content": {FORM: {"schema": FORM_SCHEMA}}}},
    response_model=Token,
)
async def request_token(session: Reading, request: Request) -> Response:
    """A token for a client's id and secret (OAuth 2 client credentials), in the form or by HTTP Basic."""
    try:
        token = await _grant(session, request)
    except Refusal as refusal:
        return JSONResponse(refusal.body.model_dump(), refusal.status, {**_NOT_STORED, **refusal.headers})
    return JSONResponse(token.model_dump(), headers=_NOT_STORED)


@keys_router.get("/.well-known/jwks.json")
async def read_keys(request: Request, response: Response) -> KeySet:
    """The public keys of the tokens."""
    response.headers["Cache-Control"] = "public, max-age=60"
    return KeySet(keys=resources_of(request).ring.public_keys())


@keys_router.get(
    "/.well-known/revocations",
    response_model=RevokedTokens,
    responses={304: {"description": "The same as when the ETag in If-None-Match was read"}},
)
async def read_revocations(
    request: Request, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Tokens that are void before their time, for those who check tokens themselves: to be read every few seconds."""
    revocations = resources_of(request).revocations
    if not revocations.is_known:
        raise Unavailable("The revocations are not loaded yet.")
    body = orjson.dumps({"clients": revocations.named()})
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if if_none_match == etag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


async def _grant(session: Reading, request: Request) -> Token:
    resources = resources_of(request)
    settings = resources.settings
    credentials = await read_credentials(request)
    attempts = Attempts(resources, request, credentials.client_id)
    await attempts.require_room()
    rights = await authenticate_client(session, credentials, resources.hash_key)
    if rights is None:
        attempts.count()
        raise Refusal("invalid_client", "unknown client or wrong secret", 401)
    token = issue_token(resources.ring, settings, utc_now(), rights)
    return Token(access_token=token, expires_in=settings.token_seconds)


class Attempts:
    """Failed attempts per address and client, and ten times as many per address alone.

    Counting per client alone would let anybody lock a client out.
    """

    def __init__(self, resources: GatewayResources, request: Request, client_id: str) -> None:
        settings = resources.settings
        address, per_address = limit_of_address(resources.frontend.callers.of(request.scope), settings)
        self.limits = resources.limits
        self.rates = {
            f"{address} {client_id[:100]}": settings.failed_logins_per_minute,
            address: per_address,
        }

    async def require_room(self) -> None:
        """429 when there were too many."""
        for key, rate in self.rates.items():
            wait = await self.limits.wait(key, rate)
            if wait > 0:
                raise TooMany(wait)

    def count(self) -> None:
        """One more has failed."""
        for key, rate in self.rates.items():
            self.limits.count(key, rate)
