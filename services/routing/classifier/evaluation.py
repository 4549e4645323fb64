"""How good a model is on labelled rows: the figures of `otklik evaluate`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.routing.classifier.calibration import PRECISIONS, lowest_score
from services.routing.classifier.model import Model, Prediction, load_model

BINS = 15
AT_ONCE = 32
Ranked = Sequence[tuple[str, float]]
RankOrganisations = Callable[[str, Prediction], Ranked]
Judged = Sequence[tuple[float, bool]]


@dataclass(frozen=True, slots=True)
class Judgement:
    """One kind of label: what was ranked for each text, best first, and what would have been right."""

    ranked: Sequence[Ranked]
    wanted: Sequence[str]

    @property
    def judged(self) -> list[tuple[float, bool]]:
        """(score, whether it is right) of each text's best label."""
        pairs = zip(self.ranked, self.wanted, strict=True)
        return [(_score(guess), _hit(guess, right)) for guess, right in pairs]

    def top(self, count: int) -> float:
        """Share of texts with the right label among the best `count`."""
        pairs = zip(self.ranked, self.wanted, strict=True)
        found = sum(right in [name for name, _ in guess[:count]] for guess, right in pairs)
        return round(found / max(len(self.ranked), 1), 4)

    def coverage(self, precision: float) -> float:
        """The largest share a threshold may take with at least this precision, chosen on these very texts."""
        return round(coverage_at_precision(self.judged, precision), 4)

    def figures(self) -> dict[str, float]:
        """top1, top3, ece, coverage_at_80, coverage_at_90."""
        return {
            "top1": self.top(1),
            "top3": self.top(3),
            "ece": round(calibration_error(self.judged), 4),
            "coverage_at_80": self.coverage(0.80),
            "coverage_at_90": self.coverage(0.90),
        }


def judge(
    predictions: Sequence[Prediction],
    rows: Sequence[Mapping[str, str]],
    agencies: Sequence[Ranked] | None,
    parents: Mapping[str, str] | None = None,
    known_groups: Mapping[str, str] | None = None,
) -> dict[str, Judgement]:
    """By kind of label (topic, group, organisation, level), each only where it can be judged."""
    topics = [[(p.topic, p.confidence), *p.alternatives] for p in predictions]
    found = {"topic": Judgement(topics, [row.get("topic", "") for row in rows])}
    groups = _judge_groups(predictions, rows, topics, known_groups or {})
    if groups:
        found["group"] = groups
    if agencies is None:
        return found
    wanted = [row.get("agency", "") for row in rows]
    found["organisation"] = Judgement(agencies, wanted)
    if parents is not None:
        by_model = _levels_of_model(predictions, parents)
        ranked = by_model or [sum_scores(guess, parents) for guess in agencies]
        found["level"] = Judgement(ranked, [parents.get(agency, agency) for agency in wanted])
    return found


def _levels_of_model(predictions: Sequence[Prediction], parents: Mapping[str, str]) -> list[Ranked] | None:
    """The model's own levels, where it was trained with the same ones."""
    if not all(p.levels and {name for name, _ in p.levels} <= _levels(p, parents) for p in predictions):
        return None
    return [p.levels for p in predictions]


def _levels(prediction: Prediction, parents: Mapping[str, str]) -> set[str]:
    return set(parents.values()) | {name for name, _ in prediction.levels if name not in parents}


def _judge_groups(
    predictions: Sequence[Prediction],
    rows: Sequence[Mapping[str, str]],
    topics: Sequence[Ranked],
    known: Mapping[str, str],
) -> Judgement | None:
    """By the file's own groups if it has them, else by the groups the model knows."""
    own = {row["topic"]: group for row in rows if (group := row.get("group") or row.get("category"))}
    group_of = {**known, **own}
    wanted = [group_of.get(row.get("topic", ""), "") for row in rows]
    if not any(wanted):
        return None
    if set(own.values()) <= set(known.values()) and all(p.groups for p in predictions):
        return Judgement([p.groups for p in predictions], wanted)
    return Judgement([sum_scores(guess, group_of) for guess in topics], wanted)


def sum_scores(ranked: Ranked, larger: Mapping[str, str]) -> Ranked:
    """Labels replaced by the larger ones they belong to, scores added up, best first."""
    sums: dict[str, float] = {}
    for name, score in ranked:
        group = larger.get(name, name)
        sums[group] = sums.get(group, 0.0) + score
    return sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))


def reached(
    thresholds: Mapping[str, Mapping[float, float]], judgements: Mapping[str, Judgement]
) -> dict[str, dict[str, dict[str, float | None]]]:
    """What the model's thresholds do on these texts: kind → wanted precision → threshold, precision, coverage."""
    return {
        kind: {
            f"{wanted:.2f}": _at_threshold(judgements[kind].judged, score)
            for wanted, score in by_precision.items()
        }
        for kind, by_precision in thresholds.items()
        if kind in judgements
    }


def _at_threshold(judged: Judged, threshold: float) -> dict[str, float | None]:
    hits = [hit for score, hit in judged if score >= threshold]
    return {
        "threshold": threshold,
        "precision": round(sum(hits) / len(hits), 4) if hits else None,
        "coverage": round(len(hits) / max(len(judged), 1), 4),
    }


def figures_of(judgements: Mapping[str, Judgement], rows: int) -> dict[str, Any]:
    """The figures under the names of `otklik evaluate`."""
    topic, group = judgements["topic"], judgements.get("group")
    agency, level = judgements.get("organisation"), judgements.get("level")
    figures: dict[str, Any] = {
        "rows": rows,
        "topic": topic.figures(),
        "group": {"top1": group.top(1)} if group else None,
        "agency": agency.figures() if agency else None,
    }
    if level:
        figures["level"] = {"top1": level.top(1), "coverage_at_80": level.coverage(0.80)}
    return figures


def evaluate(
    model: Model | None,
    rows: Sequence[Mapping[str, str]],
    rank_organisations: RankOrganisations | None = None,
    parents: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Figures for rows of `text`, `topic`, `agency`; without a model the shipped one is judged.

    Organisations come from the model's own head, or from `rank_organisations(text, prediction)` → names with scores,
    best first; `agency` is None when neither is there. `texts_per_second` is one thread with the words already known,
    as in a service that has run for a while; `texts_per_second_first` includes the first analysis of every word.
    """
    model = model or load_model()
    if parents is not None:
        model = model.with_levels(parents)
    texts = [row["text"] for row in rows]
    model.predict(texts[:1])  # loads the dictionary
    first = time.perf_counter()
    predictions = predict_all(model, texts)
    again = time.perf_counter()
    predict_all(model, texts)
    end = time.perf_counter()
    agencies = rank_agencies(model, texts, predictions, rank_organisations)
    judgements = judge(predictions, rows, agencies, parents, groups_known(model))
    return {
        **figures_of(judgements, len(rows)),
        "thresholds": reached(model.thresholds, judgements),
        "texts_per_second": round(len(rows) / (end - again), 1),
        "texts_per_second_first": round(len(rows) / (again - first), 1),
    }


def groups_known(model: Model) -> dict[str, str]:
    """Topic → group of a model; empty where it knows none."""
    head = model.topic
    return dict(zip(head.labels, head.coarser, strict=True)) if head.coarser else {}


def predict_all(model: Model, texts: Sequence[str]) -> list[Prediction]:
    """Predictions in batches as a service makes them."""
    starts = range(0, len(texts), AT_ONCE)
    return [each for start in starts for each in model.predict(texts[start : start + AT_ONCE])]


def rank_agencies(
    model: Model,
    texts: Sequence[str],
    predictions: Sequence[Prediction],
    rank_organisations: RankOrganisations | None,
) -> list[Ranked] | None:
    """Organisations of each text; None where neither the model nor a function names any."""
    if model.agency is not None:
        return [prediction.agencies for prediction in predictions]
    if rank_organisations is None:
        return None
    pairs = zip(texts, predictions, strict=True)
    return [rank_organisations(text, prediction) for text, prediction in pairs]


def _hit(guess: Ranked, right: str) -> bool:
    return bool(guess) and guess[0][0] == right


def _score(guess: Ranked) -> float:
    return guess[0][1] if guess else 0.0


def calibration_error(judged: Judged) -> float:
    """Expected calibration error of (confidence, right) pairs: top label, 15 bins of equal width."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for confidence, right in judged:
        bins[min(int(confidence * BINS), BINS - 1)].append((confidence, right))
    gaps = (abs(sum(c for c, _ in group) - sum(r for _, r in group)) for group in bins)
    return sum(gaps) / max(len(judged), 1)


def coverage_at_precision(judged: Judged, precision: float = PRECISIONS[0]) -> float:
    """The largest share that may be routed by itself, by a threshold, with at least this precision."""
    threshold = lowest_score(judged, precision, fewest=1)
    if threshold is None:
        return 0.0
    return sum(score >= threshold for score, _ in judged) / len(judged)
