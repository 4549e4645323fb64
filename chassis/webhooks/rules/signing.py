"""Signatures of outgoing calls, as Standard Webhooks describes them (www.standardwebhooks.com, version 1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32


def write_secret(random: bytes) -> str:
    """A secret as its receiver is given it. `random`: 24 to 64 fresh random bytes."""
    return PREFIX + base64.b64encode(random).decode()


def sign(secret: str, call_id: UUID, sent: int, body: bytes) -> str:
    """One signature over what is called, when (seconds since 1970) and with what; ValueError for what is no secret."""
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    signed = b".".join((str(call_id).encode(), str(sent).encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def signed_headers(secrets: Sequence[str], call_id: UUID, at: datetime, body: bytes) -> dict[str, str]:
    """The headers by which a receiver knows whom a call is from: signed with every secret that is good now."""
    sent = int(at.timestamp())
    return {
        "webhook-id": str(call_id),
        "webhook-timestamp": str(sent),
        "webhook-signature": " ".join(sign(each, call_id, sent, body) for each in secrets),
    }
