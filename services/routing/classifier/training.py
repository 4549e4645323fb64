"""Training, away from the servers: `python -m services.routing.classifier.training` makes the shipped model anew;
with `--rows FILE --model DIR` one for labelled appeals.

Topics: a multinomial logistic regression multiplied with a ridge regression – a sum of logits, hence one set of weights.
Agencies: a ridge regression that also sees the topics' probabilities. Both are calibrated, and their thresholds taken, on
texts that the judged model had not seen.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from services.routing.classifier.calibration import find_calibration, thresholds_of
from services.routing.classifier.corpus import (
    Corpus,
    Rows,
    groups_of,
    hash_of_examples,
    read_examples,
    read_groups,
    read_rows,
)
from services.routing.classifier.features import describe_text
from services.routing.classifier.heads import Head, calibrate
from services.routing.classifier.model import COLD_START, Model, save_model
from services.routing.classifier.places import Places
from services.routing.classifier.solving import (
    FOLDS,
    Kernel,
    Linear,
    fit_logistic,
    one_hot,
    solve_ridge,
    unseen_logistic,
)
from services.routing.classifier.vectors import Floats

RAREST = 3  # features of the shipped model occur in three texts or more, which keeps its file small
RAREST_TRAINED = 2
TOPIC_RIDGE = 2.0
GROUP_SHARE = 1.0  # what the topics of a text's group get together, beside its own topic's 1
AGENCY_RIDGE = 1.8
# Weights of the topics' probabilities and of the places named, beside the text (each of length 1).
TOPIC_SHARE = 1.2
PLACE_SHARE = 2.2


class Recipe(NamedTuple):
    """How the topics' two parts are put together: `ridge_weight` of the ridge's scores, about 0..1, beside the regression's
    logits; `smoothing` of the ridge (see `solve_ridge`); `common`: how much of a topic's commonness among the appeals, beside our own sentences, is taken from it."""

    ridge_weight: float
    smoothing: float
    common: float


APPEALS = Recipe(ridge_weight=20.0, smoothing=0.3, common=0.4)
# With no appeal to learn from the regression is the surer guide.
COLD = Recipe(ridge_weight=8.0, smoothing=0.0, common=0.0)
NO_TOPICS: Mapping[str, str] = MappingProxyType({})
NO_THRESHOLDS: Mapping[str, Mapping[float, float]] = MappingProxyType({})


def _quantise(labels: tuple[str, ...], linear: Linear, calibration: tuple[float, float]) -> Head:
    """A head of int8 weights."""
    scale = (np.abs(linear.weights).max(axis=0) / 127).astype(np.float32)
    scale[scale == 0] = 1
    return Head(labels, np.rint(linear.weights / scale).astype(np.int8), scale, linear.bias, *calibration)


def _rounded(weights: npt.NDArray[Any]) -> Floats:
    """As the file will round them, so that a loaded model predicts what the trained one did."""
    return weights.astype(np.float16).astype(np.float32)


def _topic_targets(
    labels: npt.NDArray[np.int64], topics: tuple[str, ...], groups: Mapping[str, str]
) -> Floats:
    """A one for the topic, and a share for each topic of its group: a near miss is less wrong than a far one."""
    targets = one_hot(labels, len(topics))
    if not groups:
        return targets
    own = np.array([groups[topic] for topic in topics])
    alike = (own[:, None] == own[None, :]).astype(np.float32)
    alike *= GROUP_SHARE / alike.sum(axis=1, keepdims=True)
    targets += alike[labels]
    return targets


def _train_topics(
    kernel: Kernel, names: npt.NDArray[Any], groups: Mapping[str, str], judged: int, made: Recipe
) -> tuple[Head, npt.NDArray[Any]]:
    """The head, and the topics' probabilities of the judged rows as seen by models that did not know them."""
    found, labels = np.unique(names, return_inverse=True)
    topics = tuple(str(name) for name in found)
    targets = _topic_targets(labels, topics, groups)
    ridge, scores = solve_ridge(kernel, targets, TOPIC_RIDGE, judged, made.smoothing)
    rarity = -made.common * _log_shares(labels[:judged], len(topics), labels)
    unseen = unseen_logistic(kernel, labels, len(topics), judged)
    unseen += made.ridge_weight * scores + rarity
    calibration = find_calibration(unseen, labels[:judged])
    _, linear = fit_logistic(kernel, labels)
    bias = linear.bias + made.ridge_weight * ridge.bias + rarity
    both = Linear(linear.weights + made.ridge_weight * ridge.weights, bias)
    head = _quantise(topics, both, calibration)
    coarser = tuple(groups[topic] for topic in topics) if groups else ()
    return replace(head, coarser=coarser), calibrate(unseen, *calibration)


def _train_agencies(
    corpus: Corpus,
    names: npt.NDArray[Any],
    topics: npt.NDArray[Any],
    parents: Mapping[str, str],
    named: Floats,
) -> tuple[Head, npt.NDArray[Any]]:
    """The head, and the agencies' probabilities of its rows as seen by a model that did not know each."""
    from scipy.sparse import csr_matrix, hstack

    found, labels = np.unique(names, return_inverse=True)
    share = np.sqrt(topics) * np.float32(TOPIC_SHARE)
    texts = corpus.matrix[: len(labels)]
    kernel = Kernel(hstack([texts, csr_matrix(share), csr_matrix(named * np.float32(PLACE_SHARE))]).tocsr())
    linear, unseen = solve_ridge(kernel, one_hot(labels, len(found)), AGENCY_RIDGE, len(labels))
    calibration = find_calibration(unseen, labels)
    text_weights, topic_weights, place_weights = np.split(
        linear.weights, np.cumsum([texts.shape[1], share.shape[1]])
    )
    agencies = tuple(str(name) for name in found)
    head = replace(
        _quantise(agencies, Linear(text_weights, linear.bias), calibration),
        topic_weights=_rounded(topic_weights * TOPIC_SHARE),
        place_weights=_rounded(place_weights * PLACE_SHARE) if named.shape[1] else None,
        coarser=tuple(parents.get(name, name) for name in agencies) if parents else (),
    )
    return head, calibrate(unseen, *calibration)


def _log_shares(labels: npt.NDArray[np.int64], count: int, beside: npt.NDArray[np.int64]) -> Floats:
    """Logarithm of how common each label is, beside how common it is in other labels."""
    found = np.bincount(labels, minlength=count) + 1.0
    shares = np.log(found / found.sum())
    shares -= np.log(np.bincount(beside, minlength=count) / len(beside))
    return np.asarray(shares, np.float32)


def _own_sentences(labelled: Collection[str], topics: Collection[str]) -> list[Mapping[str, str]]:
    """Those of the topics; a topic without any has its name."""
    found = [row for row in read_examples() if row["topic"] in labelled or row["topic"] in topics]
    unknown = set(topics) - set(labelled) - {row["topic"] for row in found}
    return [*found, *({"topic": topic, "text": topic} for topic in sorted(unknown))]


def train(
    rows: Rows,
    parents: Mapping[str, str] | None = None,
    stems: Mapping[str, Sequence[str]] | None = None,
    topics: Mapping[str, str] = NO_TOPICS,
) -> Model:
    """A model for the labels in rows of `text`, `topic` and, if all have one, `agency`; `group` or `category` help.

    `parents`: agency → the city or district whose it is (others stand for themselves); without it there are no levels.
    `stems`: place → beginnings of its names, a hint for the agencies that the model keeps.
    Our own sentences join in for the topics whose names the rows use, and for `topics` (name → group), which the model
    knows though no row has them: at least by their names. ValueError for fewer than two topics or fewer rows than folds.
    """
    rows = [row for row in rows if row.get("text", "").strip() and row.get("topic", "").strip()]
    labelled = {row["topic"] for row in rows}
    if len(labelled) < 2 or len(rows) < 2 * FOLDS:
        raise ValueError("Training needs at least two topics and six rows with text and topic.")
    everything = [*rows, *_own_sentences(labelled, topics)]
    corpus = Corpus([row["text"] for row in everything], RAREST_TRAINED)
    names = np.array([row["topic"] for row in everything])
    groups = {**topics, **groups_of(rows)}
    known = groups if set(names.tolist()) <= groups.keys() else {}
    topic, unseen = _train_topics(Kernel(corpus.matrix), names, known, len(rows), APPEALS)
    thresholds = thresholds_of(topic, unseen, names[: len(rows)].tolist(), ("topic", "group"))
    agencies = np.array([(row.get("agency") or "").strip() for row in rows])
    agency, places = None, Places(stems or {})
    if bool(np.all(agencies != "")) and np.unique(agencies).size > 1:
        named = places.vectors_of(describe_text(row["text"]).words for row in rows)
        agency, unseen = _train_agencies(corpus, agencies, unseen, parents or {}, named)
        thresholds |= thresholds_of(agency, unseen, agencies.tolist(), ("organisation", "level"))
    return Model(corpus.vocabulary, topic, agency, MappingProxyType(thresholds), places if stems else None)


def train_cold_start() -> Model:
    """The shipped model: our own sentences and the topics' names. They are no sample of appeals: it has no thresholds."""
    rows = read_examples()
    corpus = Corpus([row["text"] for row in rows], RAREST)
    names = np.array([row["topic"] for row in rows])
    judged = len(rows) - np.unique(names).size
    head, _ = _train_topics(Kernel(corpus.matrix), names, read_groups(), judged, COLD)
    return Model(corpus.vocabulary, head)


def describe(model: Model) -> dict[str, object]:
    """What is written beside a model; no dates, so that the same training gives the same file."""
    return {
        "features": int(model.vocabulary.buckets.size),
        "topics": len(model.topic.labels),
        "topic_calibration": _calibration_of(model.topic),
        "agencies": len(model.agency.labels) if model.agency else 0,
        "agency_calibration": _calibration_of(model.agency) if model.agency else None,
        "thresholds": {
            kind: {f"{precision:.2f}": score for precision, score in scores.items()}
            for kind, scores in model.thresholds.items()
        },
    }


def _calibration_of(head: Head) -> dict[str, float]:
    return {"temperature": round(head.temperature, 4), "doubt": round(head.doubt, 4)}


def save_trained(model: Model, folder: Path) -> Path:
    """What `otklik train --model DIR` leaves: model.npz and model.json; returns the former."""
    file = folder / "model.npz"
    save_model(model, file)
    (folder / "model.json").write_text(json.dumps(describe(model), indent=1, ensure_ascii=False) + "\n")
    return file


def save_cold_start() -> None:
    """Train the shipped model and write it with its description."""
    model = train_cold_start()
    save_model(model, COLD_START)
    about = {"corpus_sha256": hash_of_examples(), "corpus_rows": len(read_examples()), **describe(model)}
    COLD_START.with_suffix(".json").write_text(json.dumps(about, indent=1) + "\n")


def _read_pairs(path: Path | None, columns: tuple[str, str]) -> dict[str, str]:
    return {row[columns[0]]: row[columns[1]] for row in read_rows(path)} if path else {}


def main() -> None:
    """The shipped model, or one for the rows of a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, help="CSV: text, topic, agency, group")
    parser.add_argument("--model", type=Path, help="folder for model.npz and model.json")
    parser.add_argument("--parents", type=Path, help="CSV: agency, level")
    parser.add_argument("--places", type=Path, help="CSV: name, stems divided by |")
    chosen = parser.parse_args()
    if chosen.rows is None:
        save_cold_start()
    elif chosen.model is None:
        parser.error("--rows needs --model")
    else:
        parents = _read_pairs(chosen.parents, ("agency", "level"))
        places = _read_pairs(chosen.places, ("name", "stems"))
        stems = {name: written.split("|") for name, written in places.items()}
        save_trained(train(read_rows(chosen.rows), parents, stems), chosen.model)


if __name__ == "__main__":
    main()
