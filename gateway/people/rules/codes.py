"""One-time codes by time (RFC 6238: HMAC-SHA-1, 30 s, six digits), and codes for who has lost the device."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

STEP_SECONDS, DIGITS = 30, 6
DRIFT_STEPS = 1  # so far the clock of a device may be ahead or behind
SECRET_BYTES = 20
RECOVERY_CODES = 10
_RECOVERY_BYTES = 10  # 80 bits: 16 letters of Base32
ISSUER = "Отклик"


def step_of(moment: datetime) -> int:
    """The number of the 30 seconds in which a moment lies (RFC 6238, 4.2)."""
    return int(moment.timestamp()) // STEP_SECONDS


def code_at(secret: bytes, step: int) -> str:
    """The code of a step (RFC 4226, 5.3)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), hashlib.sha1)
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def find_step(secret: bytes, code: str, now: datetime, last_used: int) -> int | None:
    """The step whose code this is, near to `now` and after the last one used; None: it is none, or was used before."""
    steps = range(step_of(now) - DRIFT_STEPS, step_of(now) + DRIFT_STEPS + 1)
    given = plain_code(code).encode()
    fitting = [step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), given)]
    return next((step for step in fitting if step > last_used), None)


def plain_code(code: str) -> str:
    """A code without the blanks and hyphens it is written with."""
    return "".join(sign for sign in code.upper() if sign.isalnum())


def make_secret() -> bytes:
    """A new secret (RFC 4226, 4: 160 bits)."""
    return secrets.token_bytes(SECRET_BYTES)


def secret_text(secret: bytes) -> str:
    """A secret as people type it (Base32)."""
    return base64.b32encode(secret).decode()


def enrolment_uri(secret: bytes, login: str) -> str:
    """What a device reads from a picture (`otpauth://`)."""
    label = quote(f"{ISSUER}:{login}")
    return f"otpauth://totp/{label}?" + urlencode({"secret": secret_text(secret), "issuer": ISSUER})


def make_recovery_codes() -> list[str]:
    """New ones, each good once, in groups of four letters."""
    texts = (base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode() for _ in range(RECOVERY_CODES))
    return ["-".join(text[start : start + 4] for start in range(0, len(text), 4)) for text in texts]
