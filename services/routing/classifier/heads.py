"""A head of the model: one set of labels with their weights and calibration."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from services.routing.classifier.vectors import Floats, Vectors

ALTERNATIVES = 5
FLATTER = 4.0
Ranked = list[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Head:
    """One set of labels: `weights` int8 (features × labels) times `scale` per label, bias, calibration.

    `topic_weights` (topics × labels), if any, take the square roots of the topics' probabilities, `place_weights` (places ×
    labels) the places named. `coarser` names for each label the larger one it belongs to – a topic's group, an agency's city
    or district –, or is empty.
    """

    labels: tuple[str, ...]
    weights: npt.NDArray[np.int8]
    scale: Floats
    bias: Floats
    temperature: float
    doubt: float
    topic_weights: Floats | None = None
    place_weights: Floats | None = None
    coarser: tuple[str, ...] = ()

    def logits(self, vectors: Vectors) -> Floats:
        """A row per text."""
        bounds = list(itertools.pairwise(vectors.starts.tolist()))
        rows = np.empty((len(bounds), len(self.labels)), np.float32)
        for row, (start, end) in zip(rows, bounds, strict=True):
            chosen = self.weights.take(vectors.columns[start:end], axis=0)
            np.matmul(vectors.values[start:end], chosen.astype(np.float32), out=row)
        return rows * self.scale + self.bias

    def calibrate(self, logits: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Probabilities of the labels, a row per text."""
        return calibrate(logits, self.temperature, self.doubt)


def softmax(logits: npt.NDArray[Any], temperature: float) -> npt.NDArray[Any]:
    """Probabilities along the last axis."""
    scaled = logits / temperature
    shares = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    probabilities: npt.NDArray[Any] = shares / shares.sum(axis=-1, keepdims=True)
    return probabilities


def calibrate(logits: npt.NDArray[Any], temperature: float, doubt: float) -> npt.NDArray[Any]:
    """Probabilities that come true as often as they say; the order of the labels is that of the logits.

    Labels given by people are wrong at times, however clear the text: `doubt` is the share of a much flatter
    distribution, without which one temperature makes clear texts too sure and unclear ones too unsure.
    """
    sharp = softmax(logits, temperature)
    return (1 - doubt) * sharp + doubt * softmax(logits, FLATTER * temperature)


def sum_by_coarser(
    probabilities: npt.NDArray[Any], coarser: Sequence[str]
) -> tuple[tuple[str, ...], npt.NDArray[Any]]:
    """Names of the larger labels in order, and their probabilities: the sums over what belongs to each."""
    names, members = _members_of(tuple(coarser), probabilities.dtype)
    return names, probabilities @ members


@lru_cache(maxsize=16)
def _members_of(coarser: tuple[str, ...], kind: np.dtype[Any]) -> tuple[tuple[str, ...], npt.NDArray[Any]]:
    """The larger labels in order, and which labels (rows) belong to each (columns)."""
    names, belongs = np.unique(np.array(coarser), return_inverse=True)
    members = np.zeros((len(coarser), names.size), kind)
    members[np.arange(len(coarser)), belongs] = 1
    return tuple(names.tolist()), members


def rank_labels(probabilities: npt.NDArray[Any], labels: Sequence[str]) -> list[Ranked]:
    """The likeliest labels of each row, up to six."""
    count = min(ALTERNATIVES + 1, len(labels))
    first = np.argpartition(-probabilities, count - 1, axis=1)[:, :count]
    chosen = np.take_along_axis(probabilities, first, axis=1)
    order = np.argsort(-chosen, axis=1, kind="stable")
    indices = np.take_along_axis(first, order, axis=1).tolist()
    shares = np.take_along_axis(chosen, order, axis=1).astype(float).tolist()
    return [
        [(labels[index], round(share, 4)) for index, share in zip(*row, strict=True)]
        for row in zip(indices, shares, strict=True)
    ]


def rank_coarser(probabilities: npt.NDArray[Any], head: Head) -> list[Ranked]:
    """The likeliest larger labels of each row; none where the head has no larger labels."""
    if not head.coarser:
        return [[] for _ in probabilities]
    names, sums = sum_by_coarser(probabilities, head.coarser)
    return rank_labels(sums, names)
