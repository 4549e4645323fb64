"""What counts as text: something of it has to be seen."""

from __future__ import annotations

import unicodedata

# Letters and signs by their category, and yet nothing is drawn: Hangul fillers, the empty Braille pattern.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_SEEN = frozenset("LNPS")  # letters, numbers, punctuation, symbols


def is_visible(text: str) -> bool:
    """Whether anything of it is drawn: False where all of it is spaces, marks, controls and letters that are not drawn."""
    return any(map(_is_seen, text))


def require_visible_text(text: str) -> str:
    """The text; ValueError where nothing of it is drawn."""
    if not is_visible(text):
        raise ValueError("nothing of it can be seen")
    return text


def _is_seen(letter: str) -> bool:
    return unicodedata.category(letter)[0] in _SEEN and letter not in _BLANK
