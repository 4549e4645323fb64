"""How good a model is on labelled rows: the figures of `otklik evaluate`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.routing.classifier.model import Model, Prediction, load_model

BINS = 15
PRECISION = 0.80
Ranked = Sequence[tuple[str, float]]
RankOrganisations = Callable[[str, Prediction], Ranked]


def evaluate(
    model: Model | None,
    rows: Sequence[Mapping[str, str]],
    rank_organisations: RankOrganisations | None = None,
) -> dict[str, Any]:
    """Figures for rows of `text`, `topic`, `agency`; without a model the shipped one is judged.

    Organisations come from the model's own head, or from `rank_organisations(text, prediction)` → names with scores,
    best first; `agency` is None when neither is there. `texts_per_second` is one thread with the words already known,
    as in a service that has run for a while; `texts_per_second_first` includes the first analysis of every word.
    """
    model = model or load_model()
    texts = [row["text"] for row in rows]
    model.predict(texts[:1])  # loads the dictionary
    first = time.perf_counter()
    predictions = model.predict(texts)
    again = time.perf_counter()
    model.predict(texts)
    end = time.perf_counter()
    topics = [[(p.topic, p.confidence), *p.alternatives] for p in predictions]
    agencies = _rank_agencies(model, texts, predictions, rank_organisations)
    return {
        "rows": len(rows),
        "topic": _judge(topics, [row.get("topic", "") for row in rows]),
        "agency": None
        if agencies is None
        else _judge_agencies(agencies, [row.get("agency", "") for row in rows]),
        "texts_per_second": round(len(rows) / (end - again), 1),
        "texts_per_second_first": round(len(rows) / (again - first), 1),
    }


def _rank_agencies(
    model: Model,
    texts: Sequence[str],
    predictions: Sequence[Prediction],
    rank_organisations: RankOrganisations | None,
) -> list[Ranked] | None:
    if model.agency is not None:
        return [prediction.agencies for prediction in predictions]
    if rank_organisations is None:
        return None
    pairs = zip(texts, predictions, strict=True)
    return [rank_organisations(text, prediction) for text, prediction in pairs]


def _judge(ranked: Sequence[Ranked], wanted: Sequence[str]) -> dict[str, float]:
    pairs = list(zip(ranked, wanted, strict=True))
    count = max(len(pairs), 1)
    return {
        "top1": round(sum(_hit(guess, right) for guess, right in pairs) / count, 4),
        "top3": round(sum(right in [name for name, _ in guess[:3]] for guess, right in pairs) / count, 4),
        "ece": round(calibration_error([(_score(g), _hit(g, right)) for g, right in pairs]), 4),
    }


def _judge_agencies(ranked: Sequence[Ranked], wanted: Sequence[str]) -> dict[str, float]:
    return {**_judge(ranked, wanted), "coverage_at_80": _coverage(ranked, wanted)}


def _hit(guess: Ranked, right: str) -> bool:
    return bool(guess) and guess[0][0] == right


def _score(guess: Ranked) -> float:
    return guess[0][1] if guess else 0.0


def calibration_error(judged: Sequence[tuple[float, bool]]) -> float:
    """Expected calibration error of (confidence, right) pairs: top label, 15 bins of equal width."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for confidence, right in judged:
        bins[min(int(confidence * BINS), BINS - 1)].append((confidence, right))
    gaps = (abs(sum(c for c, _ in group) - sum(r for _, r in group)) for group in bins)
    return sum(gaps) / max(len(judged), 1)


def coverage_at_precision(judged: Sequence[tuple[float, bool]], precision: float = PRECISION) -> float:
    """The largest share that may be routed by itself, by a threshold, with at least this precision."""
    ordered = sorted(judged, key=lambda pair: -pair[0])
    right, best = 0, 0
    for count, (confidence, hit) in enumerate(ordered, 1):
        right += hit
        # A threshold takes all rows of one confidence or none.
        is_last_of_its_kind = count == len(ordered) or ordered[count][0] < confidence
        if is_last_of_its_kind and right >= precision * count:
            best = count
    return best / max(len(ordered), 1)


def _coverage(ranked: Sequence[Ranked], wanted: Sequence[str]) -> float:
    judged = [(_score(guess), _hit(guess, right)) for guess, right in zip(ranked, wanted, strict=True)]
    return round(coverage_at_precision(judged), 4)
