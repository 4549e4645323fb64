"""Whether a text speaks of what a planned work is about: its words beside the classifier's guesses.

Guesses alone are not enough: the fifth alternative of a complaint about rubbish may be water. Words alone are not, either:
«кран сухой» names no water. So a guess has to be borne out by words, or be near the best one, and is outweighed by words
for something else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from chassis.normal import fold
from services.routing.answers.rules.spheres import spheres_of

Ranked = Sequence[tuple[str, float]]  # (topic, probability), the best one first
# Of the best guess's probability; below it a guess without words for it is chance.
LEAST_SHARE: Final = 0.2
# Spheres in which something is shut off, dug up or closed. Others stand in texts about anything: a child, a bill, a doctor.
_WORKED_ON: Final = frozenset(
    [
        *("heating", "water", "sewer", "waste", "power", "gas", "roads", "snow", "transport", "traffic"),
        *("communication", "trees", "playground", "animals", "noise"),
    ]
)
_ONE_MATTER: Final = {"light": "power"}  # «нет света» means the mains
_HOT_OR_COLD: Final = re.compile(r"(?P<hot>горяч|гвс)|(?P<cold>холодн[а-я]{1,3} вод|хвс|холодное водо)")


@lru_cache(maxsize=1024)
def _matters_of(folded: str) -> frozenset[str]:
    return frozenset(_ONE_MATTER.get(each, each) for each in spheres_of(folded)) & _WORKED_ON


@lru_cache(maxsize=1024)
def _heat_of(folded: str) -> str | None:
    """Whether it is hot or cold water that a text names first."""
    match = _HOT_OR_COLD.search(folded)
    return match.lastgroup if match else None


def fitting_topic(
    ranked: Ranked, topics: frozenset[str], best_name: str, folded: str, subject: str
) -> tuple[str, float] | None:
    """The guess by which a text (normal form, small letters) is about a work, None where it is not.

    `topics`: the work's codes; `best_name`: of the best guess; `subject`: the work's title and topics, in their normal form.
    """
    guess = next((each for each in ranked if each[0] in topics), None)
    if guess is None:
        return None
    work, text = _matters_of(subject), _matters_of(folded)
    if work and text and not work & text:
        return None
    heats = {_heat_of(folded), _heat_of(subject)} - {None}
    if len(heats) > 1:
        return None
    (best, score), (code, share) = ranked[0], guess
    if best == code:
        return guess
    of_best = _matters_of(fold(best_name))
    if of_best & text and not of_best & work:
        return None  # words bear out the better guess
    return guess if work & text or share >= LEAST_SHARE * score else None
