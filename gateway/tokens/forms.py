"""What a client sends when it asks for a token: the form of OAuth 2 client credentials (RFC 6749), or HTTP Basic."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request

from chassis.problems import TooLarge
from gateway.schemas import OAuthError
from gateway.tokens.secrets import is_mistyped

LARGEST_FORM = 16 * 1024
FORM = "application/x-www-form-urlencoded"
FORM_SCHEMA: Final[dict[str, object]] = {
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
_ID = re.compile(r"[\x21-\x7e]{1,100}")
_SECRET = re.compile(r"[\x21-\x7e]{1,200}")


class Refusal(Exception):
    """An OAuth error answer."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.body = OAuthError(error=error, error_description=description)
        self.status = status
        self.headers = {"WWW-Authenticate": "Basic"} if status == 401 else {}


@dataclass(frozen=True, slots=True)
class Credentials:
    """The id and the secret of a client, as they were sent."""

    client_id: str
    secret: str

    @property
    def are_plausible(self) -> bool:
        """Whether they can be anybody's; others need not be looked up."""
        return _ID.fullmatch(self.client_id) is not None and is_plausible_secret(self.secret)


def is_plausible_secret(secret: str) -> bool:
    """Whether a secret can be anybody's."""
    return _SECRET.fullmatch(secret) is not None and not is_mistyped(secret)


async def read_credentials(request: Request) -> Credentials:
    """The credentials of a request for a token; Refusal where it is not one."""
    form = await _read_form(request)
    grant = form.get("grant_type")
    if grant is None:
        raise Refusal("invalid_request", "grant_type is missing")
    if grant != "client_credentials":
        raise Refusal("unsupported_grant_type", "only client_credentials")
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return _from_basic(value, form) if scheme.lower() == "basic" else _from_form(form)


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
    if len(dict(pairs)) != len(pairs):
        raise Refusal("invalid_request", "a parameter is sent twice")
    return {name: value for name, value in pairs if value}


def _from_form(form: Mapping[str, str]) -> Credentials:
    sent = form.keys() & {"client_id", "client_secret"}
    if not sent:
        raise Refusal("invalid_client", "no credentials sent", 401)
    if len(sent) == 1:
        raise Refusal("invalid_request", "client_id and client_secret belong together")
    return Credentials(form["client_id"], form["client_secret"])


def _from_basic(value: str, form: Mapping[str, str]) -> Credentials:
    """The form may name the client once more, but not hold its secret."""
    if "client_secret" in form:
        raise Refusal("invalid_request", "credentials are sent in two ways")
    try:
        pair = base64.b64decode(value.strip(), validate=True).decode("utf-8")
    except ValueError:
        raise Refusal("invalid_request", "the Basic credentials cannot be read") from None
    client_id, colon, secret = pair.partition(":")
    if not colon or form.get("client_id", client_id) != client_id:
        raise Refusal("invalid_request", "the Basic credentials cannot be read")
    return Credentials(client_id, secret)
