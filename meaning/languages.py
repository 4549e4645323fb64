"""The language of a text: by its letters first, then by its commonest words."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from meaning.lexicons import read_data

RUSSIAN: Final = "ru"
UNKNOWN: Final = "und"
_ODD: Final = re.compile(r"[^\Wа-яё\d_]")  # a letter that no Russian word has
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’ʼ`][^\W\d_]+)*")
_LATIN: Final = re.compile(r"[a-zà-ɏə]", re.IGNORECASE)
_CYRILLIC: Final = re.compile(r"[\u0400-\u052f]")
# A letter that others do not have weighs as much as so many of the commonest words.
_OWN_LETTER: Final = 2.0
# Of the words of a text in another language at least so many hold a letter that Russian lacks.
_FOREIGN_SHARE: Final = 0.2
_MASKED: Final = re.compile(r"\[\w+\]")
# Scripts that one language of those we may meet is written in, and its code.
_SCRIPTS: Final = (
    (re.compile("[\u0530-\u058f]"), "hy"),
    (re.compile("[\u10a0-\u10ff]"), "ka"),
    (re.compile("[\u3040-\u30ff]"), "ja"),
    (re.compile("[\uac00-\ud7af]"), "ko"),
    (re.compile("[\u4e00-\u9fff]"), "zh"),
    (re.compile("[\u0590-\u05ff]"), "he"),
    (re.compile("[\u0600-\u06ff]"), "ar"),
    (re.compile("[\u0900-\u097f]"), "hi"),
    (re.compile("[\u0e00-\u0e7f]"), "th"),
    (re.compile("[\u0370-\u03ff]"), "el"),
)
_SCRIPT_NAMES: Final = {
    "hy": "армянский", "ka": "грузинский", "ja": "японский", "ko": "корейский", "zh": "китайский", "he": "иврит",
    "ar": "арабский", "hi": "хинди", "th": "тайский", "el": "греческий",
}  # fmt: skip
# What fingers type that only run over the keys.
_KEYS: Final = "йцукен|фывап|ывапр|джэ|ячсми|олдж|ролд|qwert|asdf|zxcv|hjkl"
_NO_WORD: Final = re.compile(
    rf"{_KEYS}|[бвгджзклмнпрстфхцчшщ]{{6,}}|[bcdfghjklmnpqrstvwxz]{{6,}}|(\w)\1{{3,}}"
)


@dataclass(frozen=True, slots=True)
class Language:
    """A language, its letters that Russian lacks (for Latin: those English lacks), and its commonest words."""

    code: str
    name: str
    alphabet: str
    letters: frozenset[str]
    words: frozenset[str]

    def weigh(self, words: list[str], letters: set[str]) -> float:
        """How much of a text is of it."""
        own = _OWN_LETTER * len(letters & self.letters) - len(letters - self.letters) if letters else 0.0
        return own + sum(word in self.words for word in words)


def _parse() -> Iterator[Language]:
    for line in csv.DictReader(read_data("languages.csv")):
        letters, words = frozenset(line["letters"]), frozenset(line["words"].split())
        yield Language(line["code"], line["name"], line["alphabet"], letters, words)


LANGUAGES: Final = tuple(_parse())
NAMES: Final = {**_SCRIPT_NAMES, **{each.code: each.name for each in LANGUAGES}}


def language_of(text: str) -> str:
    """ISO 639-1 of the language most of a text is in; `und` where it holds no words. Mixtures that Russian
    dominates, and Russian in Latin letters, are Russian."""
    lowered = text.lower()
    if _ODD.search(lowered) is None:
        return RUSSIAN if any(_is_word(found[0]) for found in _WORD.finditer(lowered)) else UNKNOWN
    words = [word for word in _WORD.findall(_MASKED.sub(" ", lowered)) if _is_word(word)]
    if not words:
        return UNKNOWN
    foreign = [word for word in words if _ODD.search(word)]
    latin = [word for word in foreign if _LATIN.search(word)]
    cyrillic = [word for word in words if _CYRILLIC.search(word)]
    scripts = len(words) - len(latin) - len(cyrillic)
    if scripts > 0 and scripts * 2 >= len(words) - len(latin):
        return _by_script(lowered)
    if len(cyrillic) >= len(latin):
        if len(foreign) - len(latin) < _FOREIGN_SHARE * len(cyrillic):
            return RUSSIAN
        return _by_words("cyrillic", cyrillic, RUSSIAN)
    return _by_words("latin", latin, UNKNOWN)


def _is_word(word: str) -> bool:
    return _NO_WORD.search(word) is None


def _by_script(text: str) -> str:
    return max(_SCRIPTS, key=lambda script: len(script[0].findall(text)))[1]


def _by_words(alphabet: str, words: list[str], otherwise: str) -> str:
    """The language most of the words speak for; a single odd letter in a long Russian text speaks for none."""
    odd = {letter for word in words for letter in _ODD.findall(word) if not "a" <= letter <= "z"}
    ranked = [(each.weigh(words, odd), each.code) for each in LANGUAGES if each.alphabet == alphabet]
    weight, code = max(ranked, key=lambda each: each[0])
    return code if weight >= 1 else otherwise
