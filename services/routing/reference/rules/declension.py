"""How the name of a settlement reads in the six cases, by the ending of each of its words.

Generous on purpose: a form that nobody writes does no harm, one that is missing hides a place. Names in -ово, -ево, -ино,
-ыно are declined and left as they are. Everything in the normal form of texts (small letters, е for ё).
"""

from __future__ import annotations

import re

from chassis.normal import fold

_WORD = re.compile("[а-яa-z0-9]+")
# The longest ending that a word has decides; each is followed by what stands in its place.
_ENDINGS = {
    "ое": "ого ому ым им ом",
    "ее": "его ему им ем",
    "ая": "ой ую ою",
    "яя": "ей юю ею",
    "ий": "ого ому его ему им ом ем ия ию ии",
    "ый": "ого ому ым ом",
    "ой": "ого ому ым ом оя ою ое оем",
    "ые": "ых ым ыми",
    "ие": "их им ими ия ию ием ии",
    "о": "а у ом е",
    "ье": "ья ью ьем ьи",
    "е": "я ю ем",
    "ья": "ьи ье ью ьей",
    "я": "и е ю ей",
    "а": "ы и е у ой ей ою",
    "ы": "ов ев ам ами ах",
    "и": "ей ев ов ям ями ях ам ами ах",
    "ец": "ца цу цом цем це еца ецу ецом еце",
    "ок": "ка ку ком ке ока оку оком оке",
    "ек": "ька ьку ьком ьке ка ку ком ке ека еку еком еке",
    "ь": "и ью я ю ем е",
    "й": "я ю ем е и",
}
_AFTER_CONSONANT = "а у ом ем ым е"
_LONGEST_ENDING = 2
# Plurals whose second case has no ending: «Дворы» has «Дворов», «Деревеньки» has «Деревенек».
_BARE_PLURAL = re.compile("([а-я]{3,})[ыи]$")
_FLEETING = (
    (re.compile("ьк$"), "ек"),
    (re.compile("([чшж])к$"), r"\1ек"),
    (re.compile("([а-я])к$"), r"\1ок"),
)
_NEVER_DECLINED = frozenset(("им", "имени"))


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name as they are compared; «им. К. Либкнехта» has three."""
    return tuple(_WORD.findall(fold(name)))


def called_after_a_person(name: tuple[str, ...]) -> bool:
    """Whether a name begins with «имени»: what follows is a person's."""
    return bool(name) and name[0] in _NEVER_DECLINED


def forms_of_name(name: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    """The forms of each word of a name."""
    if called_after_a_person(name):
        return tuple(frozenset((word,)) for word in name)
    return tuple(forms_of_word(word) for word in name)


def forms_of_word(word: str) -> frozenset[str]:
    """A word in all cases; a number, and what is too short for an ending, stays as it is."""
    if len(word) < len("тим") or not word.isalpha():
        return frozenset((word,))
    ending = _ending_of(word)
    stem = word.removesuffix(ending)
    replaced = _ENDINGS[ending] if ending else _AFTER_CONSONANT
    return frozenset((word, *(stem + other for other in replaced.split()), *_bare_plurals(word)))


def _ending_of(word: str) -> str:
    endings = (word[-length:] for length in range(_LONGEST_ENDING, 0, -1))
    return next((ending for ending in endings if ending in _ENDINGS), "")


def _bare_plurals(word: str) -> tuple[str, ...]:
    plural = _BARE_PLURAL.match(word)
    if plural is None:
        return ()
    stem = plural[1]
    return (stem, *(pattern.sub(vowel, stem) for pattern, vowel in _FLEETING if pattern.search(stem)))
