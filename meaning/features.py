"""What kind, importance and danger are weighed by beside letters: which marks a text bears."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from meaning.lexicons import Lexicon, read_data, union

MARKS: Final = Lexicon("marks.txt", "hazards.txt")
_NUMBER: Final = re.compile(r"\d")
_HEAD: Final = 3  # words
_ENDS: Final = ".!?;…,:"
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


# Signs are the bits above those of the concepts.
_BITS: Final = {
    name: 1 << place for place, name in enumerate((*MARKS.concepts, *(str(sign) for sign in Sign)))
}


_QUESTION_MARK, _EXCLAMATION = _BITS[Sign.QUESTION_MARK], _BITS[Sign.EXCLAMATION]
_NUMBERED, _FOREIGN = _BITS[Sign.NUMBER], _BITS[Sign.FOREIGN]
# By the number of words, the last for all above.
_BY_LENGTH: Final = tuple(
    (words <= _TINY) * _BITS[Sign.TINY]
    | (words <= _SHORT) * _BITS[Sign.SHORT]
    | (words >= _LENGTHY) * _BITS[Sign.LENGTHY]
    for words in range(_LENGTHY + 1)
)


@dataclass(frozen=True, slots=True)
class Feature:
    """Marks that are there together, and marks that must be missing, as bits."""

    name: str
    present: int
    absent: int

    def holds(self, marks: int) -> bool:
        """Whether a text with these marks has it."""
        return marks & self.present == self.present and not marks & self.absent

    @property
    def is_single(self) -> bool:
        """Whether it is one mark."""
        return self.present.bit_count() == 1 and not self.absent


def _parse(line: str) -> Feature:
    present = absent = 0
    for mark in line.split():
        if mark.startswith("-"):
            absent |= _BITS[mark[1:]]
        else:
            present |= _BITS[mark]
    return Feature(line, present, absent)


def _lines() -> Iterator[str]:
    yield from read_data("features.txt")
    for line in read_data("hazards.txt"):
        yield line.partition(":")[0]


FEATURES: Final = tuple(map(_parse, _lines()))


def marks_of(folded: str, pieces: Sequence[str], *, foreign: bool) -> int:
    """The marks of a text in its folded normal form, as bits; `pieces`: what stands between its spaces."""
    return (
        _words_of(pieces)
        | _BY_LENGTH[min(len(pieces), _LENGTHY)]
        | ("?" in folded) * _QUESTION_MARK
        | ("!" in folded) * _EXCLAMATION
        | foreign * _FOREIGN
        | (_NUMBER.search(folded) is not None) * _NUMBERED
    )


def _words_of(pieces: Sequence[str]) -> int:
    masks = MARKS.masks(pieces)
    mentioned = union(masks)
    if mentioned & _ASK or not mentioned & _INTERROGATIVES:
        return mentioned
    asking = union(
        mask for place, mask in enumerate(masks) if mask & _INTERROGATIVES and _is_head(pieces, place)
    )
    return mentioned & ~_INTERROGATIVES | asking & _INTERROGATIVES


def _is_head(pieces: Sequence[str], place: int) -> bool:
    """Whether it stands among the first words of a sentence: there an interrogative asks, elsewhere it joins."""
    return place < _HEAD or any(piece[-1] in _ENDS for piece in pieces[place - _HEAD : place])
