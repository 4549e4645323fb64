"""Texts as sparse vectors over the buckets a model knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from services.routing.classifier.features import SPACE, TextFeatures

Floats = npt.NDArray[np.float32]


class Vectors(NamedTuple):
    """Texts as sparse vectors, one after the other: the `n`-th has the entries from `starts[n]` to `starts[n + 1]`.

    `inverse` leads from each known occurrence of all texts to its entry.
    """

    columns: npt.NDArray[np.int64]
    values: Floats
    starts: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    inverse: npt.NDArray[np.int64]
    known: npt.NDArray[np.bool_]


class Vocabulary:
    """Which buckets the model knows, and their weights by rarity. Word columns come before n-gram columns."""

    def __init__(self, buckets: npt.NDArray[np.int32], idf: Floats) -> None:
        self.buckets = buckets
        self.idf = idf
        self.words = int(np.searchsorted(buckets, SPACE))
        self._column_of = np.full(2 * SPACE, -1, np.int32)
        self._column_of[buckets] = np.arange(buckets.size, dtype=np.int32)

    def vectors_of(self, texts: Sequence[TextFeatures]) -> Vectors:
        """Sublinear term frequency × idf; words and n-grams are brought to equal length, the whole to one.

        Of all texts at once: a few array operations cost about the same for one text as for thirty.
        """
        sizes = [features.buckets.size for features in texts]
        found = self._column_of[np.concatenate([features.buckets for features in texts])]
        known = found >= 0
        width = self.buckets.size
        owner = np.repeat(np.arange(len(texts)), sizes)[known]
        keys, inverse, counts = np.unique(
            owner * width + found[known], return_inverse=True, return_counts=True
        )
        owner, columns = np.divmod(keys, width)
        values = (1 + np.log(counts, dtype=np.float32)) * self.idf[columns]
        # Words of a text are its even part, n-grams its odd one.
        part = 2 * owner + (columns >= self.words)
        lengths = np.sqrt(np.bincount(part, weights=values * values, minlength=2 * len(texts)))
        values /= (lengths * np.sqrt(2))[part].astype(np.float32)
        starts = np.searchsorted(owner, np.arange(len(texts) + 1))
        return Vectors(columns, values, starts, counts, inverse, known)
