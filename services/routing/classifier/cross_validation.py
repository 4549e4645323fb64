"""Figures of models for rows they have not seen: k-fold cross-validation and a learning curve."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from services.routing.classifier.corpus import Rows
from services.routing.classifier.evaluation import (
    Judgement,
    figures_of,
    groups_known,
    judge,
    predict_all,
    rank_agencies,
    reached,
)
from services.routing.classifier.model import Model
from services.routing.classifier.training import train

SHARES = {"1/8": 0.125, "1/4": 0.25, "1/2": 0.5, "1": 1.0}
CURVE_FOLDS = 5
Parents = Mapping[str, str] | None
Places = Mapping[str, Sequence[str]] | None


def cross_validate(
    rows: Rows, folds: int, parents: Parents = None, places: Places = None, seed: int = 0
) -> dict[str, Any]:
    """Figures over all rows, each judged by the model of the other folds. No row is left out, however rare its labels.

    ValueError for fewer than two folds, or folds that are too small to train on.
    """
    if not 2 <= folds <= len(rows):
        raise ValueError(f"{folds} folds of {len(rows)} rows cannot be judged.")
    fold = folds_in_random_order(len(rows), folds, seed)
    parts: list[tuple[dict[str, Judgement], Model]] = []
    seconds = 0.0
    for number in range(folds):
        model = train([rows[index] for index in np.flatnonzero(fold != number).tolist()], parents, places)
        judgements, spent = _judge_part(
            model, [rows[index] for index in np.flatnonzero(fold == number).tolist()], parents
        )
        parts.append((judgements, model))
        seconds += spent
    pooled = pool([judgements for judgements, _ in parts])
    return {
        **figures_of(pooled, len(rows)),
        "thresholds": _pool_thresholds(parts),
        "texts_per_second": round(len(rows) / seconds, 1),
    }


def learning_curve(rows: Rows, parents: Parents = None, places: Places = None) -> dict[str, dict[str, Any]]:
    """By the share of the training rows: figures for the same fifth of the rows, kept aside."""
    fold = folds_in_random_order(len(rows), CURVE_FOLDS, 0)
    aside = [rows[index] for index in np.flatnonzero(fold == 0).tolist()]
    rest = [rows[index] for index in np.flatnonzero(fold != 0).tolist()]
    order = np.random.default_rng(1).permutation(len(rest)).tolist()
    curve: dict[str, dict[str, Any]] = {}
    for name, share in SHARES.items():
        chosen = [rest[index] for index in order[: round(share * len(rest))]]
        model = train(chosen, parents, places)
        judgements, spent = _judge_part(model, aside, parents)
        curve[name] = {
            **figures_of(judgements, len(aside)),
            "trained_on": len(chosen),
            "thresholds": reached(model.thresholds, judgements),
            "texts_per_second": round(len(aside) / spent, 1),
        }
    return curve


def folds_in_random_order(count: int, folds: int, seed: int) -> npt.NDArray[np.int64]:
    """Fold of each row; the same for the same seed."""
    return np.random.default_rng(seed).permutation(count) % folds


def pool(parts: Sequence[Mapping[str, Judgement]]) -> dict[str, Judgement]:
    """The kinds of label that all parts judged, over the rows of all."""
    kinds = [kind for kind in parts[0] if all(kind in part for part in parts)]
    return {
        kind: Judgement(
            [guess for part in parts for guess in part[kind].ranked],
            [wanted for part in parts for wanted in part[kind].wanted],
        )
        for kind in kinds
    }


def _judge_part(model: Model, rows: Rows, parents: Parents) -> tuple[dict[str, Judgement], float]:
    texts = [row["text"] for row in rows]
    predict_all(model, texts[:1])
    began = time.perf_counter()
    predictions = predict_all(model, texts)
    spent = time.perf_counter() - began
    agencies = rank_agencies(model, texts, predictions, None)
    return judge(predictions, rows, agencies, parents, groups_known(model)), spent


def _pool_thresholds(
    parts: Sequence[tuple[Mapping[str, Judgement], Model]],
) -> dict[str, dict[str, dict[str, float | None]]]:
    """What each model's own thresholds did on the rows of its fold, over all rows; the threshold is their mean."""
    found: dict[str, dict[str, list[tuple[float, list[tuple[float, bool]]]]]] = {}
    for judgements, model in parts:
        for kind, by_precision in model.thresholds.items():
            for wanted, threshold in by_precision.items():
                found.setdefault(kind, {}).setdefault(f"{wanted:.2f}", []).append(
                    (threshold, judgements[kind].judged if kind in judgements else [])
                )
    total = sum(len(judgements["topic"].ranked) for judgements, _ in parts)
    return {
        kind: {wanted: _pooled(each, total) for wanted, each in by_precision.items()}
        for kind, by_precision in found.items()
    }


def _pooled(parts: Sequence[tuple[float, list[tuple[float, bool]]]], total: int) -> dict[str, float | None]:
    hits = [hit for threshold, judged in parts for score, hit in judged if score >= threshold]
    return {
        "threshold": round(float(np.mean([threshold for threshold, _ in parts])), 4),
        "precision": round(sum(hits) / len(hits), 4) if hits else None,
        "coverage": round(len(hits) / max(total, 1), 4),
    }
