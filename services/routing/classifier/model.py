"""The linear model at work: numpy only, so that a server neither loads nor waits for the trainer's libraries."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from services.routing.classifier import packed
from services.routing.classifier.features import TextFeatures, describe_text
from services.routing.classifier.heads import Head, rank_coarser, rank_labels
from services.routing.classifier.places import Places
from services.routing.classifier.vectors import Floats, Vectors, Vocabulary

COLD_START = Path(__file__).parent / "models" / "cold_start.npz"
TERMS = 5
Thresholds = Mapping[str, Mapping[float, float]]


@dataclass(frozen=True, slots=True)
class Prediction:
    """The likeliest topic by NAME and what else it may be.

    `confidence` is a calibrated probability, `alternatives` up to five other topics with theirs, `terms` the words
    that weighed most for the topic, `groups` up to six groups of topics, `agencies` up to six organisations and
    `levels` up to six cities or districts (each only from a model trained on them); all best first.
    """

    topic: str
    confidence: float
    alternatives: list[tuple[str, float]]
    terms: list[str]
    agencies: list[tuple[str, float]] = field(default_factory=list)
    groups: list[tuple[str, float]] = field(default_factory=list)
    levels: list[tuple[str, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Model:
    """A vocabulary, the topics' head and perhaps the agencies' head. Safe to use from several threads.

    `thresholds`: kind of label (group, topic, organisation, level) → wanted precision → the least probability of the
    best label at which texts the model had not seen were right as often; a precision never reached is missing. `places`: those
    the agencies' head knows by name.
    """

    vocabulary: Vocabulary
    topic: Head
    agency: Head | None = None
    thresholds: Thresholds = field(default_factory=lambda: MappingProxyType({}))
    places: Places | None = None

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """One prediction per text, in order; an empty text gets the prior's best guess. Give it some tens at a time."""
        if not texts:
            return []
        described = [describe_text(text) for text in texts]
        vectors = self.vocabulary.vectors_of(described)
        topics = self.topic.calibrate(self.topic.logits(vectors))
        ranked = rank_labels(topics, self.topic.labels)
        terms = _weighty_words(described, vectors, self.topic, topics.argmax(axis=1))
        groups = rank_coarser(topics, self.topic)
        agencies, levels = self._rank_agencies(described, vectors, topics)
        parts = zip(ranked, terms, agencies, groups, levels, strict=True)
        return [
            Prediction(best[0][0], best[0][1], best[1:], words, organisations, larger, places)
            for best, words, organisations, larger, places in parts
        ]

    def with_levels(self, parents: Mapping[str, str]) -> Model:
        """The same model with other levels (agency → level; others stand for themselves), for which it has no thresholds."""
        if self.agency is None:
            return self
        coarser = tuple(parents.get(name, name) for name in self.agency.labels)
        if coarser == self.agency.coarser:
            return self
        kept = {kind: scores for kind, scores in self.thresholds.items() if kind != "level"}
        return replace(self, agency=replace(self.agency, coarser=coarser), thresholds=MappingProxyType(kept))

    def _rank_agencies(
        self, described: Sequence[TextFeatures], vectors: Vectors, topics: npt.NDArray[np.float32]
    ) -> tuple[list[list[tuple[str, float]]], list[list[tuple[str, float]]]]:
        head = self.agency
        if head is None:
            return [[] for _ in topics], [[] for _ in topics]
        logits: npt.NDArray[Any] = head.logits(vectors)
        if head.topic_weights is not None:
            logits = logits + np.sqrt(topics) @ head.topic_weights
        if self.places is not None and head.place_weights is not None:
            logits = logits + self.places.vectors_of([each.words for each in described]) @ head.place_weights
        probabilities = head.calibrate(logits)
        return rank_labels(probabilities, head.labels), rank_coarser(probabilities, head)


def _weighty_words(
    texts: Sequence[TextFeatures], vectors: Vectors, head: Head, labels: npt.NDArray[np.int64]
) -> list[list[str]]:
    """The words of each text whose features added most to its label's score."""
    owner = np.repeat(np.arange(len(texts)), np.diff(vectors.starts))
    shares = vectors.values * head.weights[vectors.columns, labels[owner]] / vectors.counts
    by_occurrence = np.zeros(vectors.known.size, np.float32)
    by_occurrence[vectors.known] = shares[vectors.inverse]
    found, start = [], 0
    for features in texts:
        own = by_occurrence[start : start + features.buckets.size]
        found.append(_rank_words(features, own))
        start += features.buckets.size
    return found


def _rank_words(features: TextFeatures, shares: Floats) -> list[str]:
    if not features.words:
        return []
    starts = list(itertools.accumulate(features.lengths[:-1], initial=0))
    by_word: dict[str, float] = {}
    sums = np.add.reduceat(shares[: sum(features.lengths)], starts)
    for word, share in zip(features.words, sums.tolist(), strict=True):
        by_word[word] = by_word.get(word, 0.0) + share
    ranked = sorted(by_word, key=by_word.__getitem__, reverse=True)[:TERMS]
    return [word for word in ranked if by_word[word] > 0]


def to_bytes(model: Model) -> bytes:
    """A model as a compressed .npz that contains no code; the same model gives the same bytes."""
    return packed.pack(
        packed.Parts(model.vocabulary, model.topic, model.agency, model.thresholds, model.places)
    )


def from_bytes(data: bytes) -> Model:
    """The model of `to_bytes`, also one written before format 2. ValueError for anything else."""
    return Model(*packed.unpack(data))


def save_model(model: Model, path: Path) -> None:
    """Write a model as `to_bytes` gives it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(to_bytes(model))


@lru_cache(maxsize=4)
def _load(path: Path, _changed: int) -> Model:
    return from_bytes(path.read_bytes())


def load_model(path: Path | str | None = None) -> Model:
    """A model from its .npz file or from the folder that `otklik train` wrote; without a path the shipped one.

    Loaded once per process. FileNotFoundError when there is none, ValueError for a file of another kind.
    """
    file = COLD_START if path is None else Path(path)
    if file.is_dir():
        file = file / "model.npz"
    return _load(file.resolve(), file.stat().st_mtime_ns)
