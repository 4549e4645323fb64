"""The session as a browser keeps it: sealed, so that it can neither be read nor changed; nothing is kept on this side."""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from hmac import digest
from typing import Final, TypeVar
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, ValidationError

from web.persons import Person

M = TypeVar("M", bound=BaseModel)
_NONCE_BYTES: Final = 12
_PURPOSE: Final = b"otklik pages session 1"


class StoredSession(BaseModel):
    """What a cookie holds. `access_until`: Unix time, s; `form_key`: what forms of this session carry, so that no other site's
    page can send them."""

    access_token: str
    access_until: float
    refresh_token: str
    form_key: str
    person: Person

    @property
    def person_id(self) -> UUID:
        """Whose it is."""
        return self.person.id


@dataclass(frozen=True, slots=True)
class CookieBox:
    """Seals sessions with a key made of the pages' key. `over_tls`: the cookie goes over TLS only."""

    key: bytes
    over_tls: bool

    @classmethod
    def of(cls, pages_key: str, over_tls: bool) -> CookieBox:
        """The box of a deployment: all its pages' processes open what any of them sealed."""
        return cls(digest(pages_key.encode(), _PURPOSE, sha256), over_tls)

    @property
    def name(self) -> str:
        """`__Host-` lets a browser take it from this host alone, over TLS, for all paths."""
        return "__Host-otklik" if self.over_tls else "otklik"

    def seal(self, kept: BaseModel, purpose: bytes = _PURPOSE) -> str:
        """The value of a cookie; what is sealed for one purpose is not opened for another."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(self.key).encrypt(nonce, kept.model_dump_json().encode(), purpose)
        return urlsafe_b64encode(nonce + sealed).decode()

    def open(self, value: str) -> StoredSession | None:
        """The session; None for anything that was not sealed here."""
        return self.open_as(StoredSession, value)

    def open_as(self, kind: type[M], value: str, purpose: bytes = _PURPOSE) -> M | None:
        """The same of whatever else is kept by a browser."""
        try:
            content = urlsafe_b64decode(value.encode())
            opened = AESGCM(self.key).decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], purpose)
            return kind.model_validate_json(opened)
        except (ValueError, InvalidTag, ValidationError):
            return None

    def header(self, session: StoredSession | None) -> str:
        """Set-Cookie: the session, or its end."""
        value, age = (self.seal(session), "") if session else ("", "; Max-Age=0")
        secure = "; Secure" if self.over_tls else ""
        return f"{self.name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}"
