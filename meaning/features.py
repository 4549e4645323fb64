"""What kind and importance are weighed by: which marks a text bears."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from meaning.lexicons import Lexicon, read_data

MARKS: Final = Lexicon("marks.txt")
_NUMBER: Final = re.compile(r"\d")
# The first words of sentences: there an interrogative asks, elsewhere it joins.
_HEAD: Final = re.compile(r"(?:^|[.!?;…,:])\s*((?:[\w-]+ ){0,2}[\w-]+)")
_INTERROGATIVES: Final = MARKS.mask(("how", "where", "when", "which", "why"))
_ASK: Final = MARKS.mask(("ask",))
_TINY, _SHORT, _LENGTHY = 2, 6, 30  # words


class Sign(StrEnum):
    """What is seen of a text beside its words."""

    QUESTION_MARK = "question_mark"
    EXCLAMATION = "exclamation"
    NUMBER = "number"
    TINY = "tiny"
    SHORT = "short"
    LENGTHY = "lengthy"
    FOREIGN = "foreign"
    DANGER = "danger"


# Signs are the bits above those of the concepts.
_BITS: Final = {
    name: 1 << place for place, name in enumerate((*MARKS.concepts, *(str(sign) for sign in Sign)))
}


@dataclass(frozen=True, slots=True)
class Feature:
    """Marks that are there together, and marks that must be missing, as bits."""

    name: str
    present: int
    absent: int

    def holds(self, marks: int) -> bool:
        """Whether a text with these marks has it."""
        return marks & self.present == self.present and not marks & self.absent


def _parse(line: str) -> Feature:
    present = absent = 0
    for mark in line.split():
        if mark.startswith("-"):
            absent |= _BITS[mark[1:]]
        else:
            present |= _BITS[mark]
    return Feature(line, present, absent)


FEATURES: Final = tuple(map(_parse, read_data("features.txt")))


def marks_of(folded: str, *, foreign: bool, danger: bool) -> int:
    """The marks of a text in its folded normal form, as bits."""
    words = folded.count(" ") + 1
    signs = {
        Sign.QUESTION_MARK: "?" in folded,
        Sign.EXCLAMATION: "!" in folded,
        Sign.NUMBER: _NUMBER.search(folded) is not None,
        Sign.TINY: words <= _TINY,
        Sign.SHORT: words <= _SHORT,
        Sign.LENGTHY: words >= _LENGTHY,
        Sign.FOREIGN: foreign,
        Sign.DANGER: danger,
    }
    return _words_of(folded) | sum(_BITS[sign] for sign, holds in signs.items() if holds)


def _words_of(folded: str) -> int:
    mentioned = MARKS.mentions(folded)
    if mentioned & _ASK or not mentioned & _INTERROGATIVES:
        return mentioned
    asking = MARKS.mentions(" . ".join(_HEAD.findall(folded)))
    return mentioned & ~_INTERROGATIVES | asking & _INTERROGATIVES
