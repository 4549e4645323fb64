"""HTTP: asking for a token, and the keys to check it with."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Annotated, Any
from urllib.parse import parse_qsl

import orjson
from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse, Response

from chassis.db import Reading
from chassis.problems import TooLarge, Unavailable
from chassis.revocations import Revocations
from chassis.strict_routes import Router
from gateway.clients.queries import authenticate_client
from gateway.limits import TooMany, address_key
from gateway.schemas import KeySet, OAuthError, RevokedTokens, Token
from gateway.shared_limits import SharedLimits
from gateway.tokens.issuing import issue_token, utc_now
from gateway.tokens.secrets import is_mistyped

LARGEST_FORM = 16 * 1024
FORM = "application/x-www-form-urlencoded"
_ID = re.compile(r"^[\x21-\x7e]{1,100}$")
_SECRET = re.compile(r"^[\x21-\x7e]{1,200}$")
_NOT_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_FORM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"type": "string", "const": "client_credentials"},
        "client_id": {"type": "string", "description": "Unless sent by HTTP Basic."},
        "client_secret": {
            "type": "string",
            "format": "password",
            "description": "Unless sent by HTTP Basic.",
        },
    },
}
router = APIRouter(tags=["tokens"])  # what a form says beyond OAuth is ignored (RFC 6749, 3.2)
keys_router = Router(tags=["tokens"])


class Refusal(Exception):
    """An OAuth error answer."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.body = OAuthError(error=error, error_description=description)
        self.status = status


@router.post(
    "/oauth/token",
    responses={400: {"model": OAuthError}, 401: {"model": OAuthError}},
    openapi_extra={"requestBody": {"required": True, "content": {FORM: {"schema": _FORM_SCHEMA}}}},
    response_model=Token,
)
async def request_token(session: Reading, request: Request) -> Response:
    """A token for a client's id and secret (OAuth 2 client credentials), in the form or by HTTP Basic."""
    try:
        token = await _grant(session, request)
    except Refusal as refusal:
        headers = {**_NOT_STORED, **({"WWW-Authenticate": "Basic"} if refusal.status == 401 else {})}
        return JSONResponse(refusal.body.model_dump(), refusal.status, headers)
    return JSONResponse(token.model_dump(), headers=_NOT_STORED)


@keys_router.get("/.well-known/jwks.json")
async def read_keys(request: Request, response: Response) -> KeySet:
    """The public keys of the tokens."""
    response.headers["Cache-Control"] = "public, max-age=60"
    return KeySet(keys=request.app.state.ring.public_keys())


@keys_router.get(
    "/.well-known/revocations",
    response_model=RevokedTokens,
    responses={304: {"description": "The same as when the ETag in If-None-Match was read"}},
)
async def read_revocations(
    request: Request, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Tokens that are void before their time, for those who check tokens themselves: to be read every few seconds."""
    revocations: Revocations = request.app.state.revocations
    if not revocations.is_known:
        raise Unavailable("The revocations are not loaded yet.")
    body = orjson.dumps({"clients": revocations.named()})
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if if_none_match == etag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


async def _grant(session: Reading, request: Request) -> Token:
    state = request.app.state
    form = await _read_form(request)
    grant = form.get("grant_type")
    if grant is None:
        raise Refusal("invalid_request", "grant_type is missing")
    if grant != "client_credentials":
        raise Refusal("unsupported_grant_type", "only client_credentials")
    client_id, secret = _credentials(request, form)
    attempts = Attempts(state.limits, request, client_id, state.settings.failed_logins_per_minute)
    await attempts.require_room()
    rights = None
    if _ID.match(client_id) and _SECRET.match(secret) and not is_mistyped(secret):
        rights = await authenticate_client(session, client_id, secret, state.hash_key)
    if rights is None:
        attempts.count()
        raise Refusal("invalid_client", "unknown client or wrong secret", 401)
    token = issue_token(
        state.ring,
        state.settings,
        utc_now(),
        client_id=rights.client_id,
        role=rights.role,
        regions=rights.regions,
        organisation_id=rights.organisation_id,
        generation=rights.generation,
    )
    return Token(access_token=token, expires_in=state.settings.token_seconds)


class Attempts:
    """Failed attempts per address and client, and ten times as many per address alone.

    Counting per client alone would let anybody lock a client out.
    """

    def __init__(self, limits: SharedLimits, request: Request, client_id: str, per_minute: int) -> None:
        address = address_key(request.app.state.door.callers.of(request.scope))
        self.limits = limits
        self.keys = (
            (f"login {address} {client_id[:100]}", per_minute),
            (f"login {address}", per_minute * 10),
        )

    async def require_room(self) -> None:
        """429 when there were too many."""
        for key, rate in self.keys:
            wait = await self.limits.wait(key, rate)
            if wait > 0:
                raise TooMany(wait)

    def count(self) -> None:
        """One more has failed."""
        for key, rate in self.keys:
            self.limits.count(key, rate)


async def _read_form(request: Request) -> dict[str, str]:
    """The fields, each at most once (RFC 6749, 3.2)."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != FORM:
        raise Refusal("invalid_request", f"send {FORM}")
    body = await request.body()
    if len(body) > LARGEST_FORM:
        raise TooLarge
    try:
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, max_num_fields=50, errors="strict", encoding="utf-8"
        )
    except ValueError:
        raise Refusal("invalid_request", "the form cannot be read") from None
    if len({name for name, _ in pairs}) != len(pairs):
        raise Refusal("invalid_request", "a parameter is sent twice")
    return {name: value for name, value in pairs if value}


def _credentials(request: Request, form: dict[str, str]) -> tuple[str, str]:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    in_form = "client_id" in form, "client_secret" in form
    if scheme.lower() != "basic":
        if not any(in_form):
            raise Refusal("invalid_client", "no credentials sent", 401)
        if not all(in_form):
            raise Refusal("invalid_request", "client_id and client_secret belong together")
        return form["client_id"], form["client_secret"]
    if in_form[1]:
        raise Refusal("invalid_request", "credentials are sent in two ways")
    try:
        client_id, colon, secret = (
            base64.b64decode(value.strip(), validate=True).decode("utf-8").partition(":")
        )
    except (binascii.Error, ValueError):
        raise Refusal("invalid_request", "the Basic credentials cannot be read") from None
    if not colon or form.get("client_id", client_id) != client_id:
        raise Refusal("invalid_request", "the Basic credentials cannot be read")
    return client_id, secret
