"""The pair of keys that officials' words are sealed with: whoever has the public one seals, intake alone opens. Whoever starts
processes reads it, too: it needs nothing but cryptography."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

PUBLIC_KEY = "OTKLIK_WORDS_PUBLIC_KEY"
PRIVATE_KEY = "OTKLIK_WORDS_KEY"


def read_public_key(encoded: str) -> X25519PublicKey:
    """From 32 bytes in base64; ValueError for anything else."""
    return X25519PublicKey.from_public_bytes(_decode(encoded, PUBLIC_KEY))


def read_private_key(encoded: str) -> X25519PrivateKey:
    """From 32 bytes in base64; ValueError for anything else."""
    return X25519PrivateKey.from_private_bytes(_decode(encoded, PRIVATE_KEY))


def public_key_of(private_key: str) -> str:
    """What those who seal are given, from the key that opens; both in base64."""
    return base64.b64encode(read_private_key(private_key).public_key().public_bytes_raw()).decode()


def _decode(encoded: str, name: str) -> bytes:
    key = base64.b64decode(encoded, validate=True)
    if len(key) != 32:
        raise ValueError(f"{name} must be 32 bytes in base64")
    return key
