"""The linear model at work: numpy only, so that a server neither loads nor waits for the trainer's libraries."""

from __future__ import annotations

import io
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from services.routing.classifier.features import SPACE, TextFeatures, describe_text

Floats = npt.NDArray[np.float32]

COLD_START = Path(__file__).parent / "models" / "cold_start.npz"
ALTERNATIVES = 5
TERMS = 5
FLATTER = 4.0
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Prediction:
    """The likeliest topic by NAME and what else it may be.

    `confidence` is a calibrated probability, `alternatives` up to five other topics with theirs, `terms` the words
    that weighed most for the topic, `agencies` up to six organisations (only from a model trained on them).
    """

    topic: str
    confidence: float
    alternatives: list[tuple[str, float]]
    terms: list[str]
    agencies: list[tuple[str, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Head:
    """One set of labels: `weights` int8 (features × labels) times `scale` per label, bias, calibration.

    `topic_weights` (topics × labels), if any, take the square roots of the topics' probabilities.
    """

    labels: tuple[str, ...]
    weights: npt.NDArray[np.int8]
    scale: Floats
    bias: Floats
    temperature: float
    doubt: float
    topic_weights: Floats | None = None


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


@dataclass(frozen=True)
class Model:
    """A vocabulary, the topics' head and perhaps the agencies' head. Safe to use from several threads."""

    vocabulary: Vocabulary
    topic: Head
    agency: Head | None = None
    thresholds: Mapping[str, Mapping[float, float]] = field(default_factory=dict)

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """One prediction per text, in order; an empty text gets the prior's best guess. Give it some tens at a time."""
        if not texts:
            return []
        described = [describe_text(text) for text in texts]
        vectors = self.vocabulary.vectors_of(described)
        bounds = list(itertools.pairwise(vectors.starts.tolist()))
        logits = _logits(self.topic, vectors, bounds)
        probabilities = calibrate(logits, self.topic.temperature, self.topic.doubt)
        terms = _weighty_words(described, vectors, self.topic, probabilities.argmax(axis=1))
        agencies = self._rank_agencies(vectors, bounds, probabilities)
        return [
            Prediction(ranked[0][0], ranked[0][1], ranked[1:], words, organisations)
            for ranked, words, organisations in zip(
                _best(probabilities, self.topic.labels), terms, agencies, strict=True
            )
        ]

    def _rank_agencies(
        self, vectors: Vectors, bounds: Sequence[tuple[int, int]], topics: npt.NDArray[Any]
    ) -> list[list[tuple[str, float]]]:
        head = self.agency
        if head is None:
            return [[] for _ in bounds]
        logits = _logits(head, vectors, bounds)
        if head.topic_weights is not None:
            logits = logits + np.sqrt(topics) @ head.topic_weights
        return _best(calibrate(logits, head.temperature, head.doubt), head.labels)


def _logits(head: Head, vectors: Vectors, bounds: Sequence[tuple[int, int]]) -> Floats:
    """A row per text."""
    rows = np.empty((len(bounds), len(head.labels)), np.float32)
    for row, (start, end) in zip(rows, bounds, strict=True):
        chosen = head.weights.take(vectors.columns[start:end], axis=0)
        np.matmul(vectors.values[start:end], chosen.astype(np.float32), out=row)
    return rows * head.scale + head.bias


def _best(probabilities: npt.NDArray[Any], labels: Sequence[str]) -> list[list[tuple[str, float]]]:
    """The likeliest labels of each row."""
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


def save_model(model: Model, path: Path) -> None:
    """Write a model as a compressed .npz that contains no code."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(to_bytes(model))


def to_bytes(model: Model) -> bytes:
    """A model as the content of a compressed .npz that contains no code."""
    arrays: dict[str, Any] = {
        "format": np.array(FORMAT),
        "buckets": model.vocabulary.buckets,
        "idf": model.vocabulary.idf.astype(np.float16),
    }
    for name, head in (("topic", model.topic), ("agency", model.agency)):
        if head is not None:
            arrays |= {
                f"{name}_labels": np.array(head.labels),
                f"{name}_weights": head.weights,
                f"{name}_scale": head.scale,
                f"{name}_bias": head.bias,
                f"{name}_calibration": np.array([head.temperature, head.doubt]),
            }
            if head.topic_weights is not None:
                arrays[f"{name}_topic_weights"] = head.topic_weights.astype(np.float16)
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    return content.getvalue()


def _read_head(arrays: Mapping[str, Any], name: str) -> Head | None:
    if f"{name}_labels" not in arrays:
        return None
    topics = f"{name}_topic_weights"
    temperature, doubt = arrays[f"{name}_calibration"].tolist()
    return Head(
        labels=tuple(str(label) for label in arrays[f"{name}_labels"]),
        weights=np.ascontiguousarray(arrays[f"{name}_weights"]),
        scale=arrays[f"{name}_scale"],
        bias=arrays[f"{name}_bias"],
        temperature=temperature,
        doubt=doubt,
        topic_weights=arrays[topics].astype(np.float32) if topics in arrays else None,
    )


@lru_cache(maxsize=4)
def _load(path: Path, _changed: int) -> Model:
    return from_bytes(path.read_bytes(), str(path))


def from_bytes(data: bytes, name: str = "the model") -> Model:
    """What `to_bytes` made; ValueError, KeyError or BadZipFile for anything else."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        if int(arrays["format"]) != FORMAT:
            raise ValueError(f"{name} has another format")
        topic = _read_head(arrays, "topic")
        if topic is None:
            raise ValueError(f"{name} holds no topics")
        vocabulary = Vocabulary(arrays["buckets"], arrays["idf"].astype(np.float32))
        return Model(vocabulary, topic, _read_head(arrays, "agency"))


def load_model(path: Path | str | None = None) -> Model:
    """A model from its .npz file or from the folder that `otklik train` wrote; without a path the shipped one.

    Loaded once per process. FileNotFoundError when there is none, ValueError for a file of another kind.
    """
    file = COLD_START if path is None else Path(path)
    if file.is_dir():
        file = file / "model.npz"
    return _load(file.resolve(), file.stat().st_mtime_ns)
