"""Which passwords are taken: few rules, and none that ask for signs nobody remembers (NIST SP 800-63B, 3.1.1.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Final

from chassis.faults import Wording
from chassis.normal import fold, normalise

SHORTEST, LONGEST = 12, 200
PHRASE_WORDS, PHRASE_LETTERS = 4, 10
FEWEST_SIGNS = 5
OWN_SIGNS = 8  # beside the login
_ROWS: Final = (
    "1234567890",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю.",
    "abcdefghijklmnopqrstuvwxyz",
    "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)
_RUN = 4  # so many keys in a row are one step


def normal_password(password: str) -> bytes:
    """What is hashed: one password typed on two keyboards has the same letters, large and small ones kept."""
    return normalise(password).text.encode("utf-8", "surrogatepass")


def weakness(password: str, login: str) -> str | Wording | None:
    """What is wrong with a password; None for a good one. `login`: of whose it is to be."""
    text = fold(password).strip()
    if len(text) < SHORTEST and not _is_phrase(text):
        least = {"characters": SHORTEST, "words": PHRASE_WORDS}
        return Wording("needs {characters} characters, or a phrase of {words} words", least)
    if _beside_login(text, login) < OWN_SIGNS:
        return "is too much like the login"
    if len(set(text)) < FEWEST_SIGNS or _is_repeated(text):
        return "repeats itself"
    if _is_common(text):
        return "is among the commonest passwords"
    return None


def _is_phrase(text: str) -> bool:
    words = [word for word in text.split() if len(word) > 1]
    return len(words) >= PHRASE_WORDS and sum(map(len, words)) >= PHRASE_LETTERS


def _beside_login(text: str, login: str) -> int:
    """How many letters and digits are not the login's."""
    return sum(map(str.isalnum, text.replace(login, "") if login else text))


def _is_repeated(text: str) -> bool:
    return re.fullmatch(r"(.{1,6})\1+", text) is not None


def _is_common(text: str) -> bool:
    """Made of common words and keys in a row, beside which hardly anything is left."""
    left = text
    for part in _common_parts(text):
        left = left.replace(part, " ")
    letters = [sign for sign in left if sign.isalpha()]
    return left != text and len(letters) < 3 and sum(map(str.isalnum, left)) <= 6


def _common_parts(text: str) -> Iterator[str]:
    """What of a text is a common word or a run of keys, the longest first."""
    found = {word for word in _WORDS if word in text} | set(_runs(text))
    yield from sorted(found, key=len, reverse=True)


def _runs(text: str) -> Iterator[str]:
    starts = range(len(text) - _RUN + 1)
    for start in starts:
        end = start + _RUN
        if not _is_run(text[start:end]):
            continue
        while end < len(text) and _is_run(text[start : end + 1]):
            end += 1
        yield text[start:end]


def _is_run(text: str) -> bool:
    return any(text in row or text[::-1] in row for row in _KEYS)


_KEYS: Final = tuple(fold(row) for row in (*_ROWS, "12345678901234567890"))
_WORDS: Final = tuple(
    map(fold, files("gateway.people.rules").joinpath("common_words.txt").read_text("utf-8").split())
)
