"""How well labels are found: shares of what is right, with tests and bench."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Shares = npt.NDArray[np.float64]


def precision(true: Any, found: Any) -> float:
    """Share of what was found that is true; 0 where nothing was found."""
    return _share(_both(true, found), _count(found))


def recall(true: Any, found: Any) -> float:
    """Share of what is true that was found; 0 where nothing is true."""
    return _share(_both(true, found), _count(true))


def f1(true: Any, found: Any) -> float:
    """The harmonic mean of both."""
    return _share(2 * _both(true, found), _count(true) + _count(found))


def mean_f1(labels: Sequence[str] | npt.NDArray[Any], found: Sequence[str] | npt.NDArray[Any]) -> float:
    """Of all labels that occur or were found, each as weighty as the other."""
    one, other = np.asarray(labels), np.asarray(found)
    return float(np.mean([f1(one == label, other == label) for label in np.union1d(one, other)]))


def precisions_and_recalls(true: Any, scores: Any) -> tuple[Shares, Shares]:
    """At each score as the least that counts as found, from the highest down."""
    order = np.argsort(-np.asarray(scores), kind="stable")
    right = np.cumsum(np.asarray(true)[order])
    last = np.append(np.diff(np.asarray(scores)[order]) != 0, True)  # all of one score, or none
    return right[last] / (np.flatnonzero(last) + 1), right[last] / max(right[-1], 1)


def average_precision(true: Any, scores: Any) -> float:
    """The mean of the precisions, each as weighty as what recall it adds."""
    precisions, recalls = precisions_and_recalls(true, scores)
    return float(precisions @ np.diff(recalls, prepend=0.0))


def _both(true: Any, found: Any) -> int:
    return _count(np.asarray(true, bool) & np.asarray(found, bool))


def _count(marked: Any) -> int:
    return int(np.count_nonzero(marked))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
