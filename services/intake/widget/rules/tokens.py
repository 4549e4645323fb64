"""What a form is sent with: signed, neither too young nor too old, and good for one appeal."""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

YOUNGEST: Final = timedelta(seconds=3)  # nobody reads a form, and writes, in less
OLDEST: Final = timedelta(hours=2)
NONCE_BYTES: Final = 16
_FORM: Final = struct.Struct(">16sQ16sB")
_SIGNATURE_BYTES: Final = 32
_LONGEST: Final = 200
Fault = Literal["foreign", "too young", "too old"]


@dataclass(frozen=True, slots=True)
class FormToken:
    """Which widget it is for, since when, the bits that a proof of work with it takes, and what makes it the only one."""

    widget_id: UUID
    issued_at: datetime
    nonce: bytes
    bits: int


def sign_token(hash_key: str, token: FormToken) -> str:
    """URL-safe text. `nonce`: 16 fresh random bytes; times are kept to the millisecond."""
    moment = round(token.issued_at.timestamp() * 1000)
    plain = _FORM.pack(token.widget_id.bytes, moment, token.nonce, token.bits)
    return base64.urlsafe_b64encode(plain + _signature(hash_key, plain)).decode()


def read_token(hash_key: str, written: str) -> FormToken | None:
    """What was signed; None for whatever was not signed with this key, or was written otherwise."""
    if len(written) > _LONGEST:
        return None
    try:
        signed = base64.b64decode(written.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError):
        return None
    plain, signature = signed[:-_SIGNATURE_BYTES], signed[-_SIGNATURE_BYTES:]
    if len(plain) != _FORM.size or not hmac.compare_digest(signature, _signature(hash_key, plain)):
        return None
    widget_id, moment, nonce, bits = _FORM.unpack(plain)
    return FormToken(UUID(bytes=widget_id), datetime.fromtimestamp(moment / 1000, UTC), nonce, bits)


def fault_of(token: FormToken, widget_id: UUID, now: datetime) -> Fault | None:
    """Why a token does not serve this widget now; None where it does."""
    age = now - token.issued_at
    if token.widget_id != widget_id:
        return "foreign"
    if age < YOUNGEST:
        return "too young"
    return "too old" if age > OLDEST else None


def client_of(widget_id: UUID) -> str:
    """The client that its appeals and files are of."""
    return f"widget {widget_id}"


def _signature(hash_key: str, plain: bytes) -> bytes:
    return hmac.digest(hash_key.encode(), b"form token\0" + plain, "sha256")
