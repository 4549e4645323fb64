"""Whether somebody may be hurt or die within hours if nobody comes: one pure function for everybody who asks."""

from __future__ import annotations

from meaning import hazards
from meaning.hazards import Danger
from meaning.languages import language_of
from meaning.weighing import add_danger_marks, may_threaten, threatens, weigh_danger, words_of

__all__ = ["Danger", "find"]


def find(text: str, *, folded: str | None = None) -> Danger | None:
    """The danger a text reports, if any. Pure; most texts need no more than a look at their letters.

    `folded`: its folded normal form, where that is at hand.
    """
    words = words_of(text, folded)
    letters = weigh_danger(words)
    if not may_threaten(letters, words):
        return None
    marks = words.marks(language_of(text))
    if not threatens(letters, add_danger_marks(letters, marks), words, marks):
        return None
    return hazards.name(words.folded, marks)
