"""One spelling for what looks the same, so that nothing hides behind odd characters."""

from __future__ import annotations

import re
import unicodedata

# What needs no second look: most texts hold nothing else.
_ODD = re.compile(r"[^\n\t\r -~А-яЁё«»„“”’…№—–°§]")
_MIXED = re.compile(r"\b(?=\w*[А-яЁё])(?=\w*[A-Za-z])[A-Za-zА-яЁё]{3,}\b")
_LOOK_ALIKES = str.maketrans("ABCEHKMOPTXYaceopxyk", "АВСЕНКМОРТХУасеорхук")
_SHORT_DASHES = frozenset("\u2010\u2011\u2012\u2212")
_NEVER_SEEN = frozenset(("Cf", "Mn", "Me"))


def visible(text: str) -> str:
    """The text without what is not seen; one kind of space, short dashes as hyphens, no Latin letter in a Russian word."""
    if _ODD.search(text):
        text = "".join(map(_seen, unicodedata.normalize("NFC", text)))
    return _MIXED.sub(lambda match: match.group().translate(_LOOK_ALIKES), text)


def _seen(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind in _NEVER_SEEN:
        return ""
    if kind == "Zs":
        return " "
    return "-" if letter in _SHORT_DASHES else letter
