"""Electronic signature files: whether something has the form of one. Whose it is, and whether it is valid, is not checked."""

from __future__ import annotations

import base64
import binascii
from typing import Final

LONGEST: Final = 64 * 1024
_SEQUENCE: Final = 0x30
_CONTEXT_0: Final = 0xA0
_SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")  # OID 1.2.840.113549.1.7.2


def read_signature(encoded: str) -> bytes:
    """A detached PKCS#7 / CMS SignedData file (RFC 5652) in base64; ValueError for anything else."""
    try:
        signature = base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("a signature file is base64") from None
    if len(signature) > LONGEST:
        raise ValueError("a signature file has 64 kB at most")
    content = _inside(signature, _SEQUENCE)
    if content is None or not content.startswith(_SIGNED_DATA):
        raise ValueError("this is no PKCS#7 signature (DER SignedData)")
    if _inside(content[len(_SIGNED_DATA) :], _CONTEXT_0) is None:
        raise ValueError("this is no PKCS#7 signature (DER SignedData)")
    return signature


def _inside(encoded: bytes, tag: int) -> bytes | None:
    """What a DER value with this tag holds, if it is all there is."""
    if len(encoded) < 2 or encoded[0] != tag:
        return None
    length, start = encoded[1], 2
    if length >= 0x80:
        start += length & 0x7F
        length = int.from_bytes(encoded[2:start], "big")
    return encoded[start:] if start + length == len(encoded) else None
