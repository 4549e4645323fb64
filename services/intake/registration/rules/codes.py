"""Tracking codes: 100 random bits a citizen can read aloud, grouped as `7KQ2-XXXX-XXXX-XXXX-XXXX`."""

from __future__ import annotations

from chassis.normal import fold

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # base32 without 0/O and 1/I
LENGTH = 20  # letters of 5 bits each, and as many random bytes to make them from
GROUP = 4
_LETTERS = bytes(ord(ALPHABET[byte % 32]) for byte in range(256))
LONGEST_TYPED = 200
_CYRILLIC = ("АВЕЗКМНРСТУХЅЈԚԜ", "ABE3KMHPCTYXSJQW")
_GREEK = ("ΑΒΕΖΗΚΜΝΡΤΥΧ", "ABEZHKMNPTYX")
_LOOK_ALIKES = str.maketrans(*("".join(pair) for pair in zip(_CYRILLIC, _GREEK, strict=True)))
_ALLOWED = frozenset(ALPHABET)


def make_code(random: bytes) -> str:
    """A code from 20 random bytes, of which each gives five bits."""
    letters = random[:LENGTH].translate(_LETTERS).decode()
    return "-".join([letters[start : start + GROUP] for start in range(0, LENGTH, GROUP)])


def normalise_code(typed: str) -> str | None:
    """The code without dashes as it was made, from what a person typed or copied; None when it can't be one.

    Only letters and digits count: dashes, blanks, full stops and other signs of any kind do not, nor do case, width, and
    whether a letter is Latin or a Cyrillic or Greek one that looks like it.
    """
    if len(typed) > LONGEST_TYPED:
        return None
    plain = fold(typed).upper().translate(_LOOK_ALIKES)
    letters = "".join(filter(str.isalnum, plain))
    return letters if len(letters) == LENGTH and _ALLOWED.issuperset(letters) else None
