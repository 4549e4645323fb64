"""The classifier's logistic regression ends where its loss is least, of whatever its matrix is made."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from services.routing.classifier import solving
from services.routing.classifier.regression import Objective, Regression, fit

Doubles = npt.NDArray[np.float64]
COUNTS = st.tuples(st.integers(4, 40), st.integers(1, 8), st.integers(2, 5))  # rows, features, labels


def made_up(seed: int, counts: tuple[int, int, int]) -> tuple[Doubles, npt.NDArray[np.int64], Doubles]:
    """Rows, half of whose entries are zero, labels that all occur, and how often each row counts."""
    rows, features, labels = counts
    chance = np.random.default_rng(seed)
    matrix = chance.normal(size=(rows, features)) * (chance.random((rows, features)) < 0.5)
    own = np.concatenate([np.arange(labels), chance.integers(0, labels, rows)])[:rows]
    return matrix, np.unique(own, return_inverse=True)[1], chance.uniform(0.2, 3, rows)


def slope(found: Regression, matrix: Doubles, labels: Any, strength: float, counted: Doubles) -> float:
    """The largest entry of the loss's gradient, label by label as the textbook has it."""
    logits = matrix @ found.weights.astype(np.float64) + found.bias
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    largest = 0.0
    for label in range(len(found.labels)):
        missed = counted * (chances[:, label] - (labels == label))
        shrunk = found.weights[:, label] * (2 if len(found.labels) == 2 else 1) / strength
        largest = max(largest, abs(missed.sum()), np.abs(matrix.T @ missed + shrunk).max())
    return float(largest / counted.sum())


@settings(deadline=None)
@given(st.integers(0, 10**6), COUNTS, st.floats(0.05, 20), st.booleans(), st.booleans())
def test_nothing_is_left_to_gain(
    seed: int, counts: tuple[int, int, int], strength: float, sparse: bool, single: bool
) -> None:
    matrix, labels, counted = made_up(seed, counts)
    given_as: Any = matrix.astype(np.float32 if single else np.float64)
    given_as = csr_matrix(given_as) if sparse else given_as
    found = fit(given_as, labels, strength, counted=counted, steps=3000, tolerance=1e-4 if single else 1e-7)
    assert found.weights.dtype == found.bias.dtype == given_as.dtype
    assert slope(found, matrix, labels, strength, counted) <= (1e-3 if single else 1e-6)


@settings(deadline=None)
@given(st.integers(0, 10**6), COUNTS, st.floats(0.05, 20))
def test_the_gradient_is_the_losss_own(seed: int, counts: tuple[int, int, int], strength: float) -> None:
    matrix, labels, counted = made_up(seed, counts)
    loss = Objective(matrix, labels, int(labels.max()) + 1, strength, counted)
    chance = np.random.default_rng(seed)
    here, aside = chance.normal(size=loss.start().size), chance.normal(size=loss.start().size) * 1e-5
    gained = loss(here + aside)[0] - loss(here - aside)[0]
    assert gained == pytest.approx(2 * float(loss(here)[1] @ aside), rel=1e-4, abs=1e-9)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.floats(0.05, 20))
def test_two_labels_are_one_column_both_ways(seed: int, strength: float) -> None:
    """What Newton's method finds for the logarithm of the odds of the second label, its weights as small as here."""
    matrix, labels, _ = made_up(seed, (30, 3, 2))
    design, odds = np.column_stack([matrix, np.ones(30)]), np.zeros(4)
    shrink = np.diag([1.0, 1.0, 1.0, 0.0]) / strength
    for _ in range(100):
        chances = 1 / (1 + np.exp(-design @ odds))
        curve = design.T @ (design * (chances * (1 - chances))[:, None]) + shrink
        odds -= np.linalg.lstsq(curve, design.T @ (chances - labels) + shrink @ odds)[0]
    found = fit(matrix, labels, strength, steps=3000, tolerance=1e-9)
    assert np.allclose(found.weights[:, 0], -found.weights[:, 1], atol=1e-6)
    assert np.allclose(found.weights[:, 1] - found.weights[:, 0], odds[:3], atol=1e-3)
    assert found.bias[1] - found.bias[0] == pytest.approx(odds[3], abs=1e-3)


def test_labels_keep_their_names_and_need_not_follow_each_other() -> None:
    matrix = np.eye(6, dtype=np.float32)
    found = fit(matrix, np.array([7, 3, 7, 3, 9, 9]), 20.0)
    assert found.labels.tolist() == [3, 7, 9]
    assert found.labels[(matrix @ found.weights + found.bias).argmax(axis=1)].tolist() == [7, 3, 7, 3, 9, 9]


@pytest.mark.parametrize("labels", [2, 5])
def test_texts_and_their_inner_products_give_the_same_model(
    monkeypatch: pytest.MonkeyPatch, labels: int
) -> None:
    matrix, own, _ = made_up(1, (200, 40, labels))
    texts = csr_matrix(matrix.astype(np.float32))
    _, by_products = solving.fit_logistic(solving.Kernel(texts), own)
    monkeypatch.setattr(solving, "DENSE_LIMIT", 10)
    _, by_features = solving.fit_logistic(solving.Kernel(texts), own)
    one, other = (texts @ linear.weights + linear.bias for linear in (by_products, by_features))
    assert np.abs(one - other).max() <= 0.05 * np.abs(other).max()
