"""What a search compares: the words of the normal form, in the text and in what is asked for."""

from __future__ import annotations

import re

from chassis.normal import fold, normalise

_DASH_ALONE = re.compile(r"(?<!\S)-+(?!\S)")


def read_search(typed: str) -> str:
    """The words asked for; a dash between spaces is none, one before a word stands for «without»."""
    return _DASH_ALONE.sub(" ", fold(typed)).strip()


def searched_text(text: str) -> str | None:
    """The normal form where it has other words than the text itself; None mostly, so that nothing is kept twice."""
    normal = normalise(text)
    return normal.text if normal.altered else None
