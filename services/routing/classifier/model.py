"""The linear model at work: numpy only, so that a server neither loads nor waits for the trainer's libraries."""

from __future__ import annotations

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
    that spoke most for the topic, `agencies` up to six bodies (only from a model trained on bodies).
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


class Vector(NamedTuple):
    """A text as a sparse vector; `inverse` leads from each occurrence to its column (-1: not in the model)."""

    columns: npt.NDArray[np.int32]
    values: Floats
    inverse: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int64]
    known: npt.NDArray[np.bool_]


class Vocabulary:
    """Which buckets the model knows, and their weights by rarity. Word columns come before n-gram columns."""

    def __init__(self, buckets: npt.NDArray[np.int32], idf: Floats) -> None:
        self.buckets = buckets
        self.idf = idf
        self.words = int(np.searchsorted(buckets, SPACE))
        self._column_of = np.full(2 * SPACE, -1, np.int32)
        self._column_of[buckets] = np.arange(buckets.size, dtype=np.int32)

    def vector_of(self, features: TextFeatures) -> Vector:
        """Sublinear term frequency × idf; words and n-grams are brought to equal length, the whole to one."""
        found = self._column_of[features.buckets]
        known = found >= 0
        columns, inverse, counts = np.unique(found[known], return_inverse=True, return_counts=True)
        values = (1 + np.log(counts, dtype=np.float32)) * self.idf[columns]
        border = int(np.searchsorted(columns, self.words))
        for part in (values[:border], values[border:]):
            length = float(np.sqrt(part @ part))
            if length:
                part /= length * np.sqrt(2)
        return Vector(columns, values, inverse, counts, known)


def softmax(logits: npt.NDArray[Any], temperature: float) -> npt.NDArray[Any]:
    """Probabilities along the last axis."""
    scaled = logits / temperature
    scaled = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return scaled / scaled.sum(axis=-1, keepdims=True)  # type: ignore[no-any-return]


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

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """One prediction per text, in order; an empty text gets the prior's best guess."""
        return [self._predict_one(text) for text in texts]

    def _predict_one(self, text: str) -> Prediction:
        features = describe_text(text)
        vector = self.vocabulary.vector_of(features)
        chosen = self.topic.weights.take(vector.columns, axis=0)
        logits = vector.values @ chosen.astype(np.float32) * self.topic.scale + self.topic.bias
        probabilities = calibrate(logits, self.topic.temperature, self.topic.doubt)
        ranked = _best(probabilities, self.topic.labels)
        best = int(probabilities.argmax())
        return Prediction(
            topic=ranked[0][0],
            confidence=ranked[0][1],
            alternatives=ranked[1:],
            terms=_speaking_words(features, vector, chosen[:, best]),
            agencies=self._rank_agencies(vector, probabilities) if self.agency else [],
        )

    def _rank_agencies(self, vector: Vector, topics: npt.NDArray[Any]) -> list[tuple[str, float]]:
        head = self.agency
        assert head is not None
        chosen = head.weights.take(vector.columns, axis=0).astype(np.float32)
        logits = vector.values @ chosen * head.scale + head.bias
        if head.topic_weights is not None:
            logits = logits + np.sqrt(topics) @ head.topic_weights
        return _best(calibrate(logits, head.temperature, head.doubt), head.labels)


def _best(probabilities: npt.NDArray[Any], labels: Sequence[str]) -> list[tuple[str, float]]:
    count = min(ALTERNATIVES + 1, len(labels))
    first = np.argpartition(-probabilities, count - 1)[:count]
    first = first[np.argsort(-probabilities[first], kind="stable")]
    return [(labels[index], round(float(probabilities[index]), 4)) for index in first]


def _speaking_words(features: TextFeatures, vector: Vector, weights: npt.NDArray[np.int8]) -> list[str]:
    """The words whose features added most to the label's score."""
    if not features.words:
        return []
    shares = vector.values * weights / vector.counts
    by_occurrence = np.zeros(features.buckets.size, np.float32)
    by_occurrence[vector.known] = shares[vector.inverse]
    starts = np.cumsum([0, *features.lengths[:-1]])
    by_word: dict[str, float] = {}
    sums = np.add.reduceat(by_occurrence[: sum(features.lengths)], starts)
    for word, share in zip(features.words, sums.tolist(), strict=True):
        by_word[word] = by_word.get(word, 0.0) + share
    ranked = sorted(by_word, key=by_word.__getitem__, reverse=True)[:TERMS]
    return [word for word in ranked if by_word[word] > 0]


def save_model(model: Model, path: Path) -> None:
    """Write a model as a compressed .npz that contains no code."""
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
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **arrays)


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
    with np.load(path, allow_pickle=False) as arrays:
        if int(arrays["format"]) != FORMAT:
            raise ValueError(f"{path} has another format")
        topic = _read_head(arrays, "topic")
        if topic is None:
            raise ValueError(f"{path} holds no topics")
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
