"""What a text weighs for each outcome: by its letters, by its marks, and for danger by what its words report together."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import Final

from chassis.normal import fold
from meaning import hazards
from meaning.features import FEATURES, marks_of
from meaning.languages import RUSSIAN
from meaning.letters import OUTCOMES, Letters, Weights, read_table
from meaning.lexicons import read_data

BASE: Final = "(base)"
REPORTED: Final = "(reported)"  # a danger by the rules of dangers.txt
# Sums for danger are log odds where dangers and others are as many. What the letters alone say less of than the first is none,
# without a look at the words; what sums up to the second is one. Chosen on sentences that nothing had been learnt from.
HARMLESS: Final = -1.3
DANGEROUS: Final = -1.6
_FEW_WORDS: Final = 3
_LETTERS: Final = Letters(read_table())


@dataclass(frozen=True, slots=True)
class Words:
    """A text as everything reads it: its folded normal form and what stands between its spaces."""

    folded: str
    pieces: list[str]

    def marks(self, language: str) -> int:
        """Its marks as bits."""
        return marks_of(self.folded, self.pieces, foreign=language != RUSSIAN)


def words_of(text: str, folded: str | None) -> Words:
    """Of a text, whose folded normal form may be at hand."""
    if folded is None:
        folded = fold(text)
    return Words(folded, folded.split())


def _read_weights() -> dict[str, Weights]:
    rows = csv.DictReader(read_data("weights.csv"))
    return {row["feature"]: tuple(float(row[outcome]) for outcome in OUTCOMES) for row in rows}


_NOTHING: Final = (0.0,) * len(OUTCOMES)
_WEIGHTS: Final = _read_weights()
_BASE: Final = _WEIGHTS[BASE]
_REPORTED: Final = _WEIGHTS[REPORTED][-1]
# What is new weighs nothing yet.
_SINGLE: Final = {each.present: _WEIGHTS.get(each.name, _NOTHING) for each in FEATURES if each.is_single}
_COMPOSED: Final = tuple(
    (each.present, each.present | each.absent, _WEIGHTS[each.name])
    for each in FEATURES
    if not each.is_single and each.name in _WEIGHTS
)


def weigh_letters(words: Words) -> Weights:
    """For every outcome, by letters alone."""
    return _LETTERS.weigh(words.pieces)


def weigh_danger(words: Words) -> float:
    """For danger, by letters alone."""
    return _LETTERS.weigh_danger(words.pieces)


def add_marks(letters: Weights, marks: int) -> Weights:
    """By letters and marks."""
    return tuple(map(sum, zip(letters, *_rows_of(marks), strict=True)))


def add_danger_marks(letters: float, marks: int) -> float:
    """The same for danger."""
    return letters + sum([row[-1] for row in _rows_of(marks)])


def may_threaten(letters: float, words: Words) -> bool:
    """Whether a look at the words is worth it; so few that their letters weigh nothing are always looked at."""
    return letters >= HARMLESS or len(words.pieces) <= _FEW_WORDS


def threatens(letters: float, weight: float, words: Words, marks: int) -> bool:
    """Whether a text reports a danger, that weighs so much by its letters alone and by everything.

    Of few words the rules decide: «Пожар!», «Меня бьют».
    """
    if len(words.pieces) <= _FEW_WORDS:
        return hazards.report(words.folded, marks) is not None
    return letters >= HARMLESS and _is_danger(weight, words, marks)


def _is_danger(weight: float, words: Words, marks: int) -> bool:
    """Whether a text that weighs so much reports one; the rules are asked where they may tip the balance."""
    if weight >= DANGEROUS or weight + _REPORTED < DANGEROUS:
        return weight >= DANGEROUS
    return hazards.report(words.folded, marks) is not None


def _rows_of(marks: int) -> list[Weights]:
    rows = [_BASE, *(row for present, looked, row in _COMPOSED if marks & looked == present)]
    while marks:
        bit = marks & -marks
        rows.append(_SINGLE.get(bit, _NOTHING))
        marks ^= bit
    return rows
