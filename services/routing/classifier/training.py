"""Training, away from the servers: `python -m services.routing.classifier.training` makes the shipped model anew.

Topics: multinomial logistic regression. Agencies: a linear SVM that also sees the topics' probabilities. Both are
calibrated on texts that the judged model had not seen.
"""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from services.routing.classifier.features import SPACE, describe_text
from services.routing.classifier.model import (
    COLD_START,
    FLATTER,
    Floats,
    Head,
    Model,
    Vocabulary,
    calibrate,
    save_model,
    softmax,
)

EXAMPLES = Path(__file__).parent / "examples"
Rows = Sequence[Mapping[str, str]]
FOLDS = 3
AT_ONCE = 64  # texts whose features are worked out together
RAREST = 3  # features of the shipped model occur in three texts or more, which keeps its file small
RAREST_TRAINED = 2
TOPIC_STRENGTH = 20.0  # inverse regularisation
AGENCY_STRENGTH = 0.3
TOPIC_SHARE = 0.7  # weight of the topics' probabilities beside the text (of length 1)
DENSE_LIMIT = 6000
TEMPERATURES = np.geomspace(0.03, 4.0, 50)
DOUBTS = np.linspace(0.0, 0.6, 13)


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file with a header, UTF-8."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def example_files(folder: Path = EXAMPLES) -> list[Path]:
    """The parts of our own corpus, in order."""
    return sorted(folder.glob("part_*.csv"))


def read_examples() -> list[dict[str, str]]:
    """Our own sentences, and every topic's name as one more."""
    rows = [row for path in example_files() for row in read_rows(path)]
    return rows + [{"topic": topic, "text": topic} for topic in sorted({row["topic"] for row in rows})]


def hash_of_examples() -> str:
    """SHA-256 of the corpus the shipped model was trained on."""
    digest = hashlib.sha256()
    for path in example_files():
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


class Corpus:
    """Texts as a sparse matrix over the buckets that are not too rare."""

    def __init__(self, texts: Sequence[str], rarest: int) -> None:
        from scipy.sparse import csr_matrix

        described = [describe_text(text) for text in texts]
        frequency = np.zeros(2 * SPACE, np.int64)
        for features in described:
            frequency[np.unique(features.buckets)] += 1
        buckets = np.flatnonzero(frequency >= rarest).astype(np.int32)
        idf = np.log((1 + len(texts)) / (1 + frequency[buckets])) + 1
        # Rounded as the file will round it, so that the model is trained for what will be used.
        self.vocabulary = Vocabulary(buckets, idf.astype(np.float16).astype(np.float32))
        parts = [
            self.vocabulary.vectors_of(described[start : start + AT_ONCE])
            for start in range(0, len(described), AT_ONCE)
        ]
        borders = np.cumsum([0, *itertools.chain(*(np.diff(part.starts) for part in parts))])
        values = np.concatenate([part.values for part in parts])
        columns = np.concatenate([part.columns for part in parts])
        self.matrix = csr_matrix((values, columns, borders), shape=(len(texts), buckets.size))


Fitted = tuple[npt.NDArray[Any], Floats, Floats]


def fit_logistic(matrix: Any, labels: npt.NDArray[Any], weights: npt.NDArray[Any]) -> Fitted:
    """Classes, weights (features × classes) and bias of a multinomial logistic regression.

    With fewer texts than features the same optimum is found in the space of the texts: the rows of the Cholesky
    factor of X·Xᵀ have the inner products of X, and need a tenth of the time and memory.
    """
    from scipy.linalg import solve_triangular
    from sklearn.linear_model import LogisticRegression

    regression = LogisticRegression(C=TOPIC_STRENGTH, max_iter=80, tol=1e-3)
    if matrix.shape[0] > DENSE_LIMIT:
        regression.fit(matrix, labels, sample_weight=weights)
        coefficients = _for_each_class(regression.coef_).T
    else:
        gram = (matrix @ matrix.T).toarray().astype(np.float64)
        factor = np.linalg.cholesky(gram + 1e-5 * np.eye(len(labels)))
        regression.fit(factor.astype(np.float32), labels, sample_weight=weights)
        dual = solve_triangular(factor, _for_each_class(regression.coef_).T, lower=True, trans="T")
        coefficients = matrix.T @ dual
    bias = _for_each_class(regression.intercept_)
    return regression.classes_, coefficients.astype(np.float32), bias.astype(np.float32)


def _for_each_class(fitted: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Where there are two classes, the trainers give one row, of the difference between them."""
    return np.concatenate([-fitted / 2, fitted / 2]) if len(fitted) == 1 else fitted


def fit_svm(matrix: Any, labels: npt.NDArray[Any]) -> Fitted:
    """Classes, weights and bias of one-against-rest linear SVMs."""
    from sklearn.svm import LinearSVC

    machine = LinearSVC(C=AGENCY_STRENGTH, random_state=0).fit(matrix, labels)
    weights, bias = _for_each_class(machine.coef_).T, _for_each_class(machine.intercept_)
    return machine.classes_, weights.astype(np.float32), bias.astype(np.float32)


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


def _folds(count: int) -> npt.NDArray[np.int64]:
    return np.random.default_rng(0).permutation(count) % FOLDS


def _unseen_logits(
    matrix: Any, fit: Any, labels: npt.NDArray[Any], judged: int
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Logits of the first `judged` rows by models that had not seen them; the rest is always trained on."""
    classes = np.unique(labels)
    logits = np.full((judged, classes.size), -20.0, np.float32)
    fold = np.concatenate([_folds(judged), np.full(len(labels) - judged, -1)])
    for number in range(FOLDS):
        rest, part = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        fitted, weights, bias = fit(matrix[rest], rest)
        logits[np.ix_(part, np.searchsorted(classes, fitted))] = matrix[part] @ weights + bias
    return classes, logits


def _quantise(
    classes: npt.NDArray[Any], weights: Floats, bias: Floats, calibration: tuple[float, float]
) -> Head:
    scale = (np.abs(weights).max(axis=0) / 127).astype(np.float32)
    scale[scale == 0] = 1
    return Head(
        tuple(str(label) for label in classes),
        np.rint(weights / scale).astype(np.int8),
        scale,
        bias,
        *calibration,
    )


def _train_topics(
    corpus: Corpus, labels: npt.NDArray[Any], weights: npt.NDArray[Any], judged: int
) -> tuple[Head, npt.NDArray[Any]]:
    """The head, and the topics' probabilities of the judged rows as seen by models that did not know them."""

    def fit(matrix: Any, chosen: npt.NDArray[Any]) -> Fitted:
        return fit_logistic(matrix, labels[chosen], weights[chosen])

    classes, logits = _unseen_logits(corpus.matrix, fit, labels, judged)
    right = np.searchsorted(classes, labels[:judged])
    calibration = find_calibration(logits, right)
    head = _quantise(*fit(corpus.matrix, np.arange(len(labels))), calibration)
    return head, calibrate(logits, *calibration)


def _train_agencies(corpus: Corpus, labels: npt.NDArray[Any], topics: npt.NDArray[Any]) -> Head:
    from scipy.sparse import csr_matrix, hstack

    judged = len(labels)
    matrix = hstack([corpus.matrix[:judged], csr_matrix(np.sqrt(topics) * TOPIC_SHARE)]).tocsr()

    def fit(part: Any, chosen: npt.NDArray[Any]) -> Fitted:
        return fit_svm(part, labels[chosen])

    classes, logits = _unseen_logits(matrix, fit, labels, judged)
    calibration = find_calibration(logits, np.searchsorted(classes, labels))
    fitted, weights, bias = fit(matrix, np.arange(judged))
    size = corpus.matrix.shape[1]
    head = _quantise(fitted, weights[:size], bias, calibration)
    return replace(head, topic_weights=weights[size:] * np.float32(TOPIC_SHARE))


def train(rows: Rows, topics: Sequence[str] = ()) -> Model:
    """A model for the labels in rows of `text`, `topic` and, if all have one, `agency`.

    Our own sentences join in for the topics whose names the rows use, and for `topics`, which the model knows though no
    row has them: at least by their names. ValueError for fewer than two topics or
    fewer rows than folds.
    """
    rows = [row for row in rows if row.get("text", "").strip() and row.get("topic", "").strip()]
    counts = Counter(row["topic"] for row in rows)
    if len(counts) < 2 or len(rows) < 2 * FOLDS:
        raise ValueError("Training needs at least two topics and six rows with text and topic.")
    examples = [row for row in read_examples() if row["topic"] in counts or row["topic"] in topics]
    unknown = sorted(set(topics) - set(counts) - {row["topic"] for row in examples})
    everything = [*rows, *examples, *({"topic": topic, "text": topic} for topic in unknown)]
    corpus = Corpus([row["text"] for row in everything], RAREST_TRAINED)
    labels = np.array([row["topic"] for row in everything])
    topic, probabilities = _train_topics(corpus, labels, np.ones(len(labels)), len(rows))
    agencies = np.array([(row.get("agency") or "").strip() for row in rows])
    has_agencies = bool(np.all(agencies != "")) and np.unique(agencies).size > 1
    agency = _train_agencies(corpus, agencies, probabilities) if has_agencies else None
    return Model(corpus.vocabulary, topic, agency)


def train_cold_start() -> Model:
    """The shipped model: our own sentences and the topics' names."""
    rows = read_examples()
    corpus = Corpus([row["text"] for row in rows], RAREST)
    labels = np.array([row["topic"] for row in rows])
    named = len(set(labels.tolist()))
    head, _ = _train_topics(corpus, labels, np.ones(len(labels)), len(rows) - named)
    return Model(corpus.vocabulary, head)


def describe(model: Model) -> dict[str, object]:
    """What is written beside a model; no dates, so that the same training gives the same file."""
    return {
        "features": int(model.vocabulary.buckets.size),
        "topics": len(model.topic.labels),
        "topic_calibration": _calibration_of(model.topic),
        "agencies": len(model.agency.labels) if model.agency else 0,
        "agency_calibration": _calibration_of(model.agency) if model.agency else None,
    }


def _calibration_of(head: Head) -> dict[str, float]:
    return {"temperature": round(head.temperature, 4), "doubt": round(head.doubt, 4)}


def save_trained(model: Model, folder: Path) -> Path:
    """What `otklik train --model DIR` leaves: model.npz and model.json; returns the former."""
    file = folder / "model.npz"
    save_model(model, file)
    (folder / "model.json").write_text(json.dumps(describe(model), indent=1, ensure_ascii=False) + "\n")
    return file


def main() -> None:
    """Train the shipped model and write it with its description."""
    model = train_cold_start()
    save_model(model, COLD_START)
    rows = read_examples()
    about = {"corpus_sha256": hash_of_examples(), "corpus_rows": len(rows), **describe(model)}
    COLD_START.with_suffix(".json").write_text(json.dumps(about, indent=1) + "\n")


if __name__ == "__main__":
    main()
