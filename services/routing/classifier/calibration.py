"""From scores of texts a model had not seen: probabilities that come true, and thresholds for a wanted precision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from services.routing.classifier.heads import FLATTER, Head, softmax, sum_by_coarser

TEMPERATURES = np.geomspace(0.03, 4.0, 50)
DOUBTS = np.linspace(0.0, 0.6, 13)
PRECISIONS = (0.80, 0.90, 0.95)
CAUTION = 1.0  # standard errors by which a precision has to be exceeded
FEWEST = 20  # rows above a threshold: fewer say nothing about a precision


def find_calibration(logits: npt.NDArray[Any], right: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Temperature and doubt with the least squared error of the top label's probability, on unseen texts.

    The log loss is no guide here: a few organisations with a single row each, unknown to a fold, would rule it.
    """
    hits = logits.argmax(axis=1) == right
    best, least = (1.0, 0.0), np.inf
    for temperature in TEMPERATURES:
        sharp = softmax(logits, temperature).max(axis=1)
        flat = softmax(logits, FLATTER * temperature).max(axis=1)
        for doubt in DOUBTS:
            error = float(np.mean(((1 - doubt) * sharp + doubt * flat - hits) ** 2))
            if error < least:
                best, least = (float(temperature), float(doubt)), error
    return best


def find_thresholds(judged: Sequence[tuple[float, bool]]) -> Mapping[float, float]:
    """Per precision the least score at and above which the judged (score, right) were right as often, and a standard error
    more: the luckiest of many thresholds would not be as lucky again.

    Precisions that no 20 rows reach are missing.
    """
    found = {precision: lowest_score(judged, precision, caution=CAUTION) for precision in PRECISIONS}
    return MappingProxyType({wanted: score for wanted, score in found.items() if score is not None})


def lowest_score(
    judged: Sequence[tuple[float, bool]], precision: float, fewest: int = FEWEST, caution: float = 0.0
) -> float | None:
    """The least score of at least `fewest` rows that are right together in at least `precision`, a share, and `caution`
    standard errors more (all of them where that were more than all)."""
    spread = caution * sqrt(precision * (1 - precision))
    ordered = sorted(judged, key=lambda pair: -pair[0])
    right, lowest = 0, None
    for count, (score, hit) in enumerate(ordered, 1):
        right += hit
        # A threshold takes all rows of one score or none.
        is_last_of_its_kind = count == len(ordered) or ordered[count][0] < score
        wanted = min(precision * count + spread * sqrt(count), count)
        if is_last_of_its_kind and count >= fewest and right >= wanted:
            lowest = score
    return lowest


def judge_best(
    probabilities: npt.NDArray[Any], labels: Sequence[str], wanted: Sequence[str]
) -> list[tuple[float, bool]]:
    """(probability, whether it is right) of each row's best label, rounded as predictions are."""
    best = probabilities.argmax(axis=1).tolist()
    scores = np.round(probabilities.max(axis=1).astype(float), 4).tolist()
    return [(score, labels[index] == right) for score, index, right in zip(scores, best, wanted, strict=True)]


def thresholds_of(
    head: Head, probabilities: npt.NDArray[Any], wanted: Sequence[str], names: tuple[str, str]
) -> dict[str, Mapping[float, float]]:
    """Of a head's labels and of the larger ones, under the two `names`, from probabilities of unseen rows."""
    found = {names[0]: find_thresholds(judge_best(probabilities, head.labels, wanted))}
    if head.coarser:
        larger = dict(zip(head.labels, head.coarser, strict=True))
        labels, sums = sum_by_coarser(probabilities, head.coarser)
        found[names[1]] = find_thresholds(judge_best(sums, labels, [larger[label] for label in wanted]))
    return {kind: scores for kind, scores in found.items() if scores}
