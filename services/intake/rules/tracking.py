"""Tracking codes: 100 random bits a citizen can read aloud, grouped as `7KQ2-XXXX-XXXX-XXXX-XXXX`."""

from __future__ import annotations

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # base32 without 0/O and 1/I
LENGTH = 20  # letters of 5 bits each, and as many random bytes to make them from
GROUP = 4
_LETTERS = bytes(ord(ALPHABET[byte % 32]) for byte in range(256))
_LOOK_ALIKES = str.maketrans("АВЕКМНРСТУХ", "ABEKMHPCTYX")
_ALLOWED = frozenset(ALPHABET)


def make_code(random: bytes) -> str:
    """A code from 20 random bytes, of which each gives five bits."""
    letters = random[:LENGTH].translate(_LETTERS).decode()
    return "-".join([letters[start : start + GROUP] for start in range(0, LENGTH, GROUP)])


def normalise_code(typed: str) -> str | None:
    """The code without dashes as it was made, from what a person typed; None when it can't be one.

    Case, dashes, spaces and Cyrillic letters that look Latin do not matter.
    """
    if len(typed) > 64:
        return None
    letters = "".join(typed.upper().translate(_LOOK_ALIKES).replace("-", "").split())
    return letters if len(letters) == LENGTH and _ALLOWED.issuperset(letters) else None
