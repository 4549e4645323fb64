"""What a text means for who works on it: kind, importance, language."""

from __future__ import annotations

from chassis.normal import fold
from meaning.dangers import find_folded
from meaning.features import marks_of
from meaning.kinds import danger, weigh
from meaning.languages import RUSSIAN, UNKNOWN, language_of
from meaning.values import Judged, Meaning


def read(text: str) -> Meaning:
    """Kind, importance and language of any text. Pure: the same text always means the same."""
    folded, language = fold(text), language_of(text)
    is_dangerous = find_folded(folded) is not None
    kind, importance = weigh(marks_of(folded, foreign=language != RUSSIAN, danger=is_dangerous))
    if language == UNKNOWN and not is_dangerous:
        return Meaning(Judged("nothing", kind.confidence), Judged("normal", importance.confidence), language)
    return Meaning(kind, danger(is_dangerous, importance), language)
