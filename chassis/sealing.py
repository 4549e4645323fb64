"""Personal data under AES-256-GCM; the ciphertext is bound to its table, appeal and key."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class SealBroken(Exception):
    """The data was changed, moved to another row, or its key is not known here."""


@dataclass(frozen=True)
class Keyring:
    """Keys by id; new data is sealed with `current`, old data stays readable by its own key id."""

    current: int
    ciphers: Mapping[int, AESGCM]

    def seal(self, table: str, row_id: UUID, plain: bytes, nonce: bytes) -> bytes:
        """Nonce and ciphertext. `nonce`: 12 fresh random bytes."""
        return seal_bytes(self.ciphers[self.current], plain, _bind(table, row_id, self.current), nonce)

    def open(self, table: str, row_id: UUID, key_id: int, sealed: bytes) -> bytes:
        """The plain bytes; SealBroken when anything does not fit."""
        cipher = self.ciphers.get(key_id)
        if cipher is None:
            raise SealBroken(f"key {key_id} is not known")
        return open_bytes(cipher, sealed, _bind(table, row_id, key_id))

    def seal_text(self, table: str, row_id: UUID, words: str) -> bytes:
        """A text for a row of its own."""
        return self.seal(table, row_id, words.encode(), os.urandom(NONCE_BYTES))

    def open_text(self, table: str, row_id: UUID, key_id: int, sealed: bytes) -> str:
        """A text back; SealBroken when it was changed, cut short or moved."""
        try:
            return self.open(table, row_id, key_id, sealed).decode()
        except ValueError:
            raise SealBroken("the sealed data is damaged") from None


def seal_bytes(cipher: AESGCM, plain: bytes, place: bytes, nonce: bytes) -> bytes:
    """Nonce and ciphertext, bound to a place: moved elsewhere it does not open. `nonce`: 12 fresh random bytes."""
    return nonce + cipher.encrypt(nonce, plain, place)


def open_bytes(cipher: AESGCM, sealed: bytes, place: bytes) -> bytes:
    """The plain bytes; SealBroken when they were sealed with another key, for another place, or changed since."""
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
    except (InvalidTag, ValueError):  # ValueError: cut short
        raise SealBroken("the sealed data does not belong here, or not to this key") from None


def _bind(table: str, row_id: UUID, key_id: int) -> bytes:
    return f"{table}|{row_id}|{key_id}".encode()


def make_keyring(keys: Mapping[int, str], current: int) -> Keyring:
    """From base64 texts of 32 bytes by key id; ValueError when one has another length."""
    return Keyring(
        current, {key_id: make_cipher(key, f"encryption key {key_id}") for key_id, key in keys.items()}
    )


def make_cipher(encoded: str, name: str) -> AESGCM:
    """A key from base64; ValueError, which names it, when it has not 32 bytes."""
    key = base64.b64decode(encoded, validate=True)
    if len(key) != 32:
        raise ValueError(f"{name} must be 32 bytes in base64")
    return AESGCM(key)
