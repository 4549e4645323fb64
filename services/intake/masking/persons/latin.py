"""One form for the usual ways to write Russian in Latin letters."""

from __future__ import annotations

import re

_DIGRAPHS = (
    ("shch", "щ"), ("sch", "щ"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"), ("tz", "ц"), ("ch", "ч"), ("sh", "ш"),
    ("yu", "ю"), ("iu", "ю"), ("ju", "ю"), ("ya", "я"), ("ia", "я"), ("ja", "я"), ("yo", "е"), ("jo", "е"), ("ye", "е"), ("je", "е"), ("x", "кс"),
)  # fmt: skip
_SINGLES = str.maketrans("abvgdezijklmnoprstufhcywq", "абвгдезииклмнопрстуфхцивк")
_CYRILLIC = str.maketrans({"ё": "е", "э": "е", "й": "и", "ы": "и", "ь": None, "ъ": None})


def skeleton_of(word: str) -> str:
    """What is left of a word, Latin or Cyrillic, without the letters that spellings and cases differ in."""
    plain = word.lower().replace("'", "")
    if plain[0].isascii():
        for latin, letter in _DIGRAPHS:
            plain = plain.replace(latin, letter)
        plain = plain.translate(_SINGLES)
    return re.sub(r"(.)\1+", r"\1", plain.translate(_CYRILLIC)).rstrip("аеиоуюя")
