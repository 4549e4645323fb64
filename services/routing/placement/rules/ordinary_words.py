"""What else a word may be that reads like the name of a place: an ordinary word, an adjective, a person's name.

«Солнцева» is a surname, «Белая» a colour, «Ключ» a thing; «Обояни» is nothing but a town. Asked only about the few words of a
text that stand in the directory, and remembered.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product
from typing import Literal

from pymorphy3.tagset import OpencorporaTag

from services.routing.classifier.features import morphology

Reading = Literal["place", "person", "adjective", "ordinary"]
REMEMBERED = 20_000
_PERSONS = frozenset(("Surn", "Name", "Patr"))
# A surname that no dictionary has: a vowel before the suffix, so that «Льгов» is none; «-ом» is never a surname's.
_LIKE_A_SURNAME = re.compile(r"[а-я]*[аеиоуыэюя][а-я]+(?:ов|ев|ин|ын)(?:а|у|е|ым)?")


@lru_cache(maxsize=REMEMBERED)
def read_word(word: str) -> Reading:
    """What a word in its normal form is most easily taken for.

    «Тёткино», the aunt's, is an adjective in dictionaries and nowhere else.
    """
    known = [reading.tag for reading in morphology().parse(word) if reading.is_known]
    if any(tag.POS == "ADJF" and "Poss" not in tag for tag in known):
        return "adjective"
    if any(not _PERSONS.isdisjoint(tag.grammemes) for tag in known):
        return "person"
    if known and not any("Geox" in tag or tag.POS == "ADJS" or "Poss" in tag for tag in known):
        return "ordinary"
    return "person" if _LIKE_A_SURNAME.fullmatch(word) else "place"


@lru_cache(maxsize=REMEMBERED)
def may_be_a_place(word: str) -> bool:
    """Whether dictionaries know a word as the name of a place, or do not know it at all."""
    readings = morphology().parse(word)
    return not readings[0].is_known or any("Geox" in reading.tag for reading in readings)


@lru_cache(maxsize=REMEMBERED)
def is_place(word: str) -> bool:
    """Whether dictionaries know a word as the name of a place."""
    return any("Geox" in reading.tag for reading in morphology().parse(word) if reading.is_known)


@lru_cache(maxsize=REMEMBERED)
def agree(adjective: str, following: str) -> bool:
    """Whether an adjective may belong to the word that follows it: «в белой куртке», but not «до Горшечного автобус»."""
    earlier = [reading.tag for reading in morphology().parse(adjective) if reading.tag.POS == "ADJF"]
    later = [reading.tag for reading in morphology().parse(following) if reading.tag.POS in ("NOUN", "ADJF")]
    return any(_agree(one, other) for one, other in product(earlier, later))


def _agree(one: OpencorporaTag, other: OpencorporaTag) -> bool:
    animate = {one.animacy, other.animacy} - {None}
    genders = {one.gender, other.gender} - {None}
    return one.case == other.case and one.number == other.number and len(animate) < 2 and len(genders) < 2
