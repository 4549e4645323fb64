"""Kind and importance from what a text weighs for each (see bench/meaning_weights.py)."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import Final

from meaning.values import KINDS, Importance, Judged, Kind

_DANGER_CONFIDENCE: Final = 0.8  # precision on sentences that nothing was learnt from


def kind_of(sums: Sequence[float]) -> Judged[Kind]:
    """The likeliest kind; `sums`: log odds in the order of KINDS."""
    top = max(sums)
    chances = [exp(each - top) for each in sums]
    place = sums.index(top)
    return Judged(KINDS[place], round(chances[place] / sum(chances), 4))


def importance_of(high: float, *, danger: bool) -> Judged[Importance]:
    """How urgent; `high`: log odds."""
    if danger:
        return Judged("danger", _DANGER_CONFIDENCE)
    chance = 1 / (1 + exp(-max(-50.0, min(50.0, high))))
    return Judged("high", round(chance, 4)) if chance >= 0.5 else Judged("normal", round(1 - chance, 4))
