"""Proof of work: a moment of computing for whoever sends one form, hours for whoever sends thousands.

A proof is any text with which SHA-256 of `<token>:<proof>` begins with so many zero bits: 2^bits tries to find, one to check.
"""

from __future__ import annotations

import hashlib
import math
from typing import Final

EASIEST_BITS: Final = 12  # some 4,000 tries, which no person notices
HARDEST_BITS: Final = 20  # a million: seconds on a telephone
LONGEST_PROOF: Final = 64
# So many forms a minute of one widget, or for one address, are usual; each doubling of them takes a bit more.
USUAL_OF_WIDGET: Final = 60.0
USUAL_OF_ADDRESS: Final = 5.0


def is_proof(token: str, proof: str, bits: int) -> bool:
    """Whether the work was done."""
    if len(proof) > LONGEST_PROOF:
        return False
    digest = hashlib.sha256(f"{token}:{proof}".encode("utf-8", "replace")).digest()
    return int.from_bytes(digest, "big") >> (len(digest) * 8 - bits) == 0


def bits_for(of_widget: float, of_address: float) -> int:
    """How hard it is while so many forms a minute are given out."""
    crowd = max(of_widget / USUAL_OF_WIDGET, of_address / USUAL_OF_ADDRESS, 1.0)
    return min(EASIEST_BITS + math.floor(math.log2(crowd)), HARDEST_BITS)
