"""The outside OIDC issuer, where one is set: where to send a browser, and what the issuer says of who came back (authorization code
with PKCE). The rules of the protocol are Authlib's, the connection is ours."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import httpx2
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.errors import OAuth2Error
from authlib.oauth2.rfc6749.parameters import (
    parse_authorization_code_response,
    prepare_grant_uri,
    prepare_token_request,
)
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from pydantic import BaseModel, ValidationError

from web.settings import WebSettings

_SECONDS: Final = 600  # so long somebody may be busy at the issuer
_KNOWN_SECONDS: Final = 3600.0
_DISCOVERY: Final = "/.well-known/openid-configuration"


class IssuerSilent(Exception):
    """The issuer does not answer, or answers nothing of use."""


class NotSignedIn(Exception):
    """Nobody has signed in there: it was given up, is too long ago, or was begun in another browser."""


class Beginning(BaseModel):
    """What a browser keeps while its person is at the issuer, sealed. `until`: Unix time, s."""

    state: str
    nonce: str
    verifier: str
    wanted: str
    until: float

    @classmethod
    def make(cls, wanted: str) -> Beginning:
        """A new one; `wanted`: the page to go on to."""
        return cls(
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            wanted=wanted,
            until=time.time() + _SECONDS,
        )


class _Document(BaseModel):
    """What the issuer publishes of itself, as far as it is needed."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]


class _Tokens(BaseModel):
    """What a code is exchanged for."""

    id_token: str


@dataclass(frozen=True, slots=True)
class _Known:
    document: _Document
    until: float


class Issuer:
    """Of the settings. Raises `IssuerSilent` whenever it cannot be asked."""

    def __init__(self, settings: WebSettings) -> None:
        self.settings = settings
        self.connections = httpx2.AsyncClient(timeout=10, follow_redirects=False)
        self._known: _Known | None = None

    async def address_for(self, beginning: Beginning, back: str) -> str:
        """Where the browser signs in; `back`: the page that the issuer sends it to."""
        document = await self._read_document()
        address: str = prepare_grant_uri(
            document.authorization_endpoint,
            self.settings.oidc_client_id,
            "code",
            redirect_uri=back,
            scope=self.settings.oidc_scope,
            state=beginning.state,
            nonce=beginning.nonce,
            code_challenge=create_s256_code_challenge(beginning.verifier),
            code_challenge_method="S256",
        )
        return address

    async def id_token_for(self, beginning: Beginning, came_by: str, back: str) -> str:
        """What the issuer says of who came back by this address; NotSignedIn where that is not what was begun."""
        try:
            answer: Mapping[str, str] = parse_authorization_code_response(came_by, beginning.state)
        except OAuth2Error:
            raise NotSignedIn from None
        if beginning.until < time.time():
            raise NotSignedIn
        return await self._exchange(answer["code"], beginning.verifier, back)

    async def _exchange(self, code: str, verifier: str, back: str) -> str:
        document = await self._read_document()
        body = prepare_token_request(
            "authorization_code", redirect_uri=back, code=code, code_verifier=verifier
        )
        plain = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        url, headers, sent = self._auth(document).prepare("POST", document.token_endpoint, plain, body)
        answer = await self._ask("POST", url, headers=headers, content=sent)
        if answer.status_code >= 500:
            raise IssuerSilent
        try:
            return _Tokens.model_validate_json(answer.content).id_token
        except ValidationError:
            raise NotSignedIn from None

    def _auth(self, document: _Document) -> ClientAuth:
        secret = self.settings.oidc_client_secret.get_secret_value()
        ways = ("client_secret_basic", "client_secret_post") if secret else ("none",)
        offered = document.token_endpoint_auth_methods_supported
        way = next((each for each in ways if each in offered), ways[0])
        return ClientAuth(self.settings.oidc_client_id, secret, way)

    async def _read_document(self) -> _Document:
        if self._known is None or self._known.until < time.monotonic():
            answer = await self._ask("GET", self.settings.oidc_issuer.rstrip("/") + _DISCOVERY)
            try:
                document = _Document.model_validate_json(answer.content)
            except ValidationError:
                raise IssuerSilent from None
            if document.issuer != self.settings.oidc_issuer:  # another's document
                raise IssuerSilent
            self._known = _Known(document, time.monotonic() + _KNOWN_SECONDS)
        return self._known.document

    async def _ask(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, content: str | None = None
    ) -> httpx2.Response:
        try:
            return await self.connections.request(method, url, headers=headers, content=content)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise IssuerSilent from error

    async def close(self) -> None:
        """Let the connections go."""
        await self.connections.aclose()
