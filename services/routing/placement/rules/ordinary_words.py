"""What else a word may be that reads like the name of a place: an ordinary word, an adjective, a person's name.

«Солнцева» is a surname, «Белая» a colour, «Ключ» a thing; «Обояни» is nothing but a town. Asked only about the few words of a
text that stand in the directory, and remembered.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from services.routing.classifier.features import morphology

Reading = Literal["place", "person", "adjective", "ordinary"]
REMEMBERED = 20_000
_PERSONS = frozenset(("Surn", "Name", "Patr"))
# A surname that no dictionary has: a vowel before the suffix, so that «Льгов» is none; «-ом» is never a surname's.
_LIKE_A_SURNAME = re.compile(r"[а-я]*[аеиоуыэюя][а-я]+(?:ов|ев|ин|ын)(?:а|у|е|ым)?")
# «Тёткино» is a short adjective, too, in dictionaries and nowhere else.
_AUNT_S = "ADJS"
_DECLINES_A_NOUN = frozenset(("NOUN", "ADJF", "PRTF"))


@lru_cache(maxsize=REMEMBERED)
def read_word(word: str) -> Reading:
    """What a word in its normal form is most easily taken for."""
    known = [reading.tag for reading in morphology().parse(word) if reading.is_known]
    if any(tag.POS == "ADJF" and "Poss" not in tag for tag in known):
        return "adjective"
    if any(not _PERSONS.isdisjoint(tag.grammemes) for tag in known):
        return "person"
    if known and not any("Geox" in tag or tag.POS == _AUNT_S for tag in known):
        return "ordinary"
    return "person" if _LIKE_A_SURNAME.fullmatch(word) else "place"


@lru_cache(maxsize=REMEMBERED)
def may_be_a_place(word: str) -> bool:
    """Whether dictionaries know a word as the name of a place, or do not know it at all."""
    readings = morphology().parse(word)
    return not readings[0].is_known or any("Geox" in reading.tag for reading in readings)


@lru_cache(maxsize=REMEMBERED)
def continues_phrase(word: str) -> bool:
    """Whether a word may be what an adjective before it belongs to: «в белой куртке»."""
    first = morphology().parse(word)[0]
    return first.tag.POS in _DECLINES_A_NOUN
