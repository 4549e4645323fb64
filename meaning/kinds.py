"""Kind and importance: marks weighed by what was learnt on sentences written for it (see bench/meaning_weights.py)."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from math import exp
from typing import Final

from meaning.features import FEATURES
from meaning.lexicons import read_data
from meaning.values import KINDS, Importance, Judged, Kind

HIGH: Final = "high"
BASE: Final = "(base)"
OUTCOMES: Final = (*KINDS, HIGH)
_DANGER_CONFIDENCE: Final = 0.9  # precision of the rules on sentences they were not written on


def _read_weights() -> dict[str, tuple[float, ...]]:
    rows = csv.DictReader(read_data("weights.csv"))
    return {row["feature"]: tuple(float(row[outcome]) for outcome in OUTCOMES) for row in rows}


_WEIGHTS: Final = defaultdict(
    lambda: (0.0,) * len(OUTCOMES), _read_weights()
)  # new features weigh nothing yet
_BASE: Final = _WEIGHTS[BASE]
# Bits of a feature, and what it adds to each outcome.
_WEIGHED: Final = tuple((each.present, each.absent, _WEIGHTS[each.name]) for each in FEATURES)


def weigh(marks: int) -> tuple[Judged[Kind], Judged[Importance]]:
    """Kind and importance of a text with these marks, danger apart."""
    held = [row for present, absent, row in _WEIGHED if marks & present == present and not marks & absent]
    *kinds, high = map(sum, zip(_BASE, *held, strict=True))
    return _best_of(kinds), _importance_of(high)


def danger(found: bool, otherwise: Judged[Importance]) -> Judged[Importance]:
    """The importance once it is known whether there is a danger."""
    return Judged("danger", _DANGER_CONFIDENCE) if found else otherwise


def _best_of(sums: Sequence[float]) -> Judged[Kind]:
    top = max(sums)
    chances = [exp(each - top) for each in sums]
    place = sums.index(top)
    return Judged(KINDS[place], round(chances[place] / sum(chances), 4))


def _importance_of(high: float) -> Judged[Importance]:
    chance = 1 / (1 + exp(-max(-50.0, min(50.0, high))))
    return Judged("high", round(chance, 4)) if chance >= 0.5 else Judged("normal", round(1 - chance, 4))
