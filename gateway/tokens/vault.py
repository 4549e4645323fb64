"""What must not lie readable in the database: AES-256-GCM under OTKLIK_ENCRYPTION_KEY."""

from __future__ import annotations

import os

from chassis.sealing import NONCE_BYTES, SealBroken, make_cipher, open_bytes, seal_bytes


class WrongKey(RuntimeError):
    """The stored bytes were not encrypted with this key, or for this place."""


class Vault:
    """Encrypts small values. `place` binds a value to where it is stored: moved elsewhere it does not open."""

    def __init__(self, key: str) -> None:
        """`key`: 32 bytes as base64. ValueError for anything else."""
        self._cipher = make_cipher(key, "OTKLIK_ENCRYPTION_KEY")

    def seal(self, value: bytes, place: str) -> bytes:
        """Nonce and ciphertext."""
        return seal_bytes(self._cipher, value, place.encode(), os.urandom(NONCE_BYTES))

    def open(self, sealed: bytes, place: str) -> bytes:
        """The value again. WrongKey when it was sealed otherwise."""
        try:
            return open_bytes(self._cipher, sealed, place.encode())
        except SealBroken:
            raise WrongKey("OTKLIK_ENCRYPTION_KEY does not open what the database holds") from None

    def opens(self, sealed: bytes, place: str) -> bool:
        """Whether the value can be had again."""
        try:
            self.open(sealed, place)
        except WrongKey:
            return False
        return True
