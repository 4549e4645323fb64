"""What must not lie readable in the database: AES-256-GCM under OTKLIK_ENCRYPTION_KEY."""

from __future__ import annotations

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class WrongKey(RuntimeError):
    """The stored bytes were not encrypted with this key, or for this place."""


class Vault:
    """Encrypts small values. `place` binds a value to where it is stored: moved elsewhere it does not open."""

    def __init__(self, key: str) -> None:
        """`key`: 32 bytes as base64. ValueError for anything else."""
        raw = base64.b64decode(key, validate=True)
        if len(raw) != 32:
            raise ValueError("OTKLIK_ENCRYPTION_KEY must be 32 bytes as base64")
        self._cipher = AESGCM(raw)

    def seal(self, value: bytes, place: str) -> bytes:
        """Nonce and ciphertext."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, value, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """The value again. WrongKey when it was sealed otherwise."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError):  # ValueError: cut short
            raise WrongKey("OTKLIK_ENCRYPTION_KEY does not open what the database holds") from None
