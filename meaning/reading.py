"""What a text means for who works on it: kind, importance, language."""

from __future__ import annotations

from meaning.kinds import importance_of, kind_of
from meaning.languages import UNKNOWN, language_of
from meaning.values import Judged, Meaning
from meaning.weighing import add_marks, threatens, weigh_letters, words_of


def read(text: str, *, folded: str | None = None) -> Meaning:
    """Kind, importance and language of any text. Pure: the same text always means the same.

    `folded`: its folded normal form, where that is at hand.
    """
    words, language = words_of(text, folded), language_of(text)
    letters, marks = weigh_letters(words), words.marks(language)
    *kinds, high, danger = add_marks(letters, marks)
    is_danger = threatens(letters[-1], danger, words, marks)
    kind, importance = kind_of(kinds), importance_of(high, danger=is_danger)
    if language == UNKNOWN and not is_danger:
        return Meaning(Judged("nothing", kind.confidence), Judged("normal", importance.confidence), language)
    return Meaning(kind, importance, language)
