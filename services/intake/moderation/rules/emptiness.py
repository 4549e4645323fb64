"""Texts that say nothing: without a letter, or the same over and over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_LETTER: Final = re.compile(r"[^\W\d_]")
_SAME: Final = re.compile(r"([^\W\d_])\1{9,}")
_KEYBOARD: Final = re.compile(r"(?:йцук|цуке|фыва|ывап|ячсм|qwer|wert|asdf|zxcv)[а-яa-z]*")
_FEWEST_WORDS, _FEWEST_LETTERS = 6, 12
_MOST_DIFFERENT_LETTERS = 4
_MOST_OF_WORDS: Final = 0.34
_MOST_SIGNS = 20  # whoever uses more different ones says something, if only over and over


def find_empty(folded: str) -> str | None:
    """The text, where no letter is in it."""
    return None if _LETTER.search(folded) else folded.strip()[:40]


def find_flood(folded: str, words: Sequence[str]) -> str | None:
    """What a text repeats instead of saying something: a letter, a few letters, a few words, rows of keys.

    `words`: its Russian words.
    """
    if len(set(folded)) <= _MOST_SIGNS:
        return _of_few_letters(folded) or _of_few_words(words)
    return _of_few_words(words)


def _of_few_letters(folded: str) -> str | None:
    same = _SAME.search(folded)
    if same and len(same.group()) * 2 > len(folded):
        return same.group()[:40]
    letters = _LETTER.findall(folded)
    few = len(letters) >= _FEWEST_LETTERS and len(set(letters)) <= _MOST_DIFFERENT_LETTERS
    return folded[:40] if few or _is_of_keys(folded, len(letters)) else None


def _of_few_words(words: Sequence[str]) -> str | None:
    if len(words) >= _FEWEST_WORDS and len(set(words)) <= _MOST_OF_WORDS * len(words):
        return " ".join(words[:4])
    return None


def _is_of_keys(folded: str, letters: int) -> bool:
    keys = sum(len(found.group()) for found in _KEYBOARD.finditer(folded))
    return keys > 0 and keys * 2 >= letters
