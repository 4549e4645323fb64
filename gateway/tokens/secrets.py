"""Client secrets: `otk_` + 43 random characters + 6 of checksum, so that scanners know a leaked one; kept as HMAC."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
import zlib

PREFIX = "otk_"
_DIGITS = string.digits + string.ascii_letters
_RANDOM, _CHECK = 43, 6  # 43 characters of 62: 256 bits


def make_secret() -> str:
    """A new secret."""
    text = "".join(secrets.choice(_DIGITS) for _ in range(_RANDOM))
    return f"{PREFIX}{text}{_checksum(text)}"


def is_mistyped(secret: str) -> bool:
    """Whether it claims to be one of ours but its checksum says no (others' secrets, set at start, have none)."""
    if not secret.startswith(PREFIX):
        return False
    text = secret[len(PREFIX) :]
    return len(text) != _RANDOM + _CHECK or _checksum(text[:_RANDOM]) != text[_RANDOM:]


def hash_secret(key: str, secret: str) -> bytes:
    """HMAC-SHA256 under the installation's hash key. Enough for 256 random bits; no slow hash is needed."""
    return hmac.digest(key.encode(), b"client secret\0" + secret.encode(), hashlib.sha256)


def _checksum(text: str) -> str:
    number, digits = zlib.crc32(text.encode()), ""
    for _ in range(_CHECK):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits
