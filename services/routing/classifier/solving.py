"""The two ways a head's weights are found: a multinomial logistic regression, and a ridge regression in closed form.

Both are solved in the space of the texts (their inner products), which needs a tenth of the time and memory where there
are fewer texts than features; beyond `DENSE_LIMIT` texts, in the space of the features.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from services.routing.classifier.regression import fit
from services.routing.classifier.vectors import Floats

FOLDS = 3
DENSE_LIMIT = 6000
LOGISTIC_STRENGTH = 20.0  # inverse regularisation
JITTER = 1e-3  # on the diagonal of the inner products, so that equal texts do not make them singular
CONSTANT = 0.1  # inner product that all texts share: the ridge's bias, hardly shrunk
CONJUGATE_STEPS = 40
UNKNOWN = -20.0  # logit of a label that a fold does not know


class Linear(NamedTuple):
    """Weights (features × labels) and bias."""

    weights: Floats
    bias: Floats


class Kernel:
    """Texts as a sparse matrix, with their inner products where there are few enough of them."""

    def __init__(self, matrix: Any) -> None:
        self.matrix = matrix
        self.size = int(matrix.shape[0])
        few = self.size <= DENSE_LIMIT
        self.products: Floats | None = (matrix @ matrix.T).toarray().astype(np.float32) if few else None

    def part(self, rows: npt.NDArray[np.int64]) -> Kernel:
        """Of some of the texts."""
        part = object.__new__(Kernel)
        part.matrix, part.size = self.matrix[rows], len(rows)
        part.products = None if self.products is None else self.products[np.ix_(rows, rows)]
        return part

    def linear(self, dual: Floats, bias: Floats) -> Linear:
        """Weights of the features from weights of the texts."""
        return Linear(np.ascontiguousarray(self.matrix.T @ dual), bias)


def one_hot(labels: npt.NDArray[np.int64], count: int) -> Floats:
    """A row per text with a one at its label."""
    targets = np.zeros((len(labels), count), np.float32)
    targets[np.arange(len(labels)), labels] = 1
    return targets


def fit_logistic(kernel: Kernel, labels: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], Linear]:
    """Labels that occur, ascending, and their weights. Uses up the inner products, which are large.

    The rows of the Cholesky factor of the inner products have the same inner products as the texts, so that the
    regression finds the same optimum from them.
    """
    from scipy.linalg import cholesky, solve_triangular

    products, kernel.products = kernel.products, None
    if products is None:
        found, weights, bias = fit(kernel.matrix, labels, LOGISTIC_STRENGTH)
        return found, Linear(weights, bias)
    products[np.diag_indices(kernel.size)] += np.float32(JITTER)
    factor = cholesky(products.T, overwrite_a=True, check_finite=False)
    found, weights, bias = fit(factor.T, labels, LOGISTIC_STRENGTH)
    return found, kernel.linear(solve_triangular(factor, weights, check_finite=False), bias)


def unseen_logistic(
    kernel: Kernel, labels: npt.NDArray[np.int64], count: int, judged: int
) -> npt.NDArray[Any]:
    """Logits of the first `judged` texts by models that had not seen them; the rest is always trained on."""
    logits = np.full((judged, count), UNKNOWN, np.float32)
    fold = folds_of(judged, kernel.size)
    for number in range(FOLDS):
        rest, part = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        fitted, linear = fit_logistic(kernel.part(rest), labels[rest])
        logits[np.ix_(part, fitted)] = kernel.matrix[part] @ linear.weights + linear.bias
    return logits


def folds_of(judged: int, size: int) -> npt.NDArray[np.int64]:
    """Fold of each of the first `judged` texts, in random order but always the same; -1 for the rest of `size`."""
    own = np.random.default_rng(0).permutation(judged) % FOLDS
    return np.concatenate([own, np.full(size - judged, -1)])


def solve_ridge(
    kernel: Kernel, targets: Floats, strength: float, judged: int, smoothing: float = 0.0
) -> tuple[Linear, Floats]:
    """Weights with the least squared error plus `strength` times their square, and the scores of the first `judged` texts,
    each by the ridge without that text.

    Exact without a second training: the residual of a text left out is its dual weight over the diagonal of the inverse
    (Allen's PRESS). `smoothing`: how much texts count as alike because others are like both. Where the inner products are
    too many, by folds and unsmoothed.
    """
    if kernel.products is None:
        linear = _solve_by_conjugate_gradients(kernel, targets, strength)
        return linear, _ridge_by_folds(kernel, targets, strength, judged)
    from scipy.linalg import cho_solve

    square = np.float32(smoothing * _scale_of_square(kernel.products))
    factor = _factor(_smoothed(kernel.products, square, smoothing), strength)
    dual = np.asarray(cho_solve((factor, True), targets), np.float32)
    residual = dual / _inverse_diagonal(factor)[:, None]
    unseen = np.asarray(targets - residual, np.float32)[:judged]
    bias = np.float32(CONSTANT) * dual.sum(axis=0)
    if smoothing:
        dual = np.asarray((dual + square * (kernel.products @ dual)) / np.float32(1 + smoothing), np.float32)
    return kernel.linear(dual, bias), unseen


def _scale_of_square(products: Floats) -> float:
    """What brings the square of the inner products to their own size."""
    return float(np.trace(products) / np.einsum("ij,ij->", products, products))


def _smoothed(products: Floats, square: np.float32, smoothing: float) -> Floats:
    """A copy of the inner products with a share of their square."""
    if not smoothing:
        return products.copy()
    smoothed: Floats = products @ products
    smoothed *= square
    smoothed += products
    smoothed /= np.float32(1 + smoothing)
    return smoothed


def _factor(products: Floats, strength: float) -> Floats:
    """The lower Cholesky factor of the inner products with the ridge; overwrites them."""
    from scipy.linalg import cholesky

    products += np.float32(CONSTANT)
    products[np.diag_indices(len(products))] += np.float32(strength)
    factor: Floats = cholesky(products.T, lower=True, overwrite_a=True, check_finite=False)
    return factor


def _inverse_diagonal(factor: Floats) -> Floats:
    """Of the inverse of what the factor is of: the squares of the inverse factor's columns. Overwrites the factor."""
    from scipy.linalg.lapack import strtri

    inverse, failed = strtri(factor, lower=1, overwrite_c=1)
    if failed:
        raise ValueError("The texts' inner products cannot be inverted.")
    diagonal: Floats = np.einsum("ij,ij->j", inverse, inverse)
    return diagonal


def _solve_by_conjugate_gradients(kernel: Kernel, targets: Floats, strength: float) -> Linear:
    """All labels at once; each step costs two products with the sparse matrix."""
    matrix = kernel.matrix
    transposed = matrix.T.tocsr()
    dual, residual = np.zeros_like(targets), targets.copy()
    direction, square = residual.copy(), (residual * residual).sum(axis=0)
    for _ in range(CONJUGATE_STEPS):
        turned = matrix @ (transposed @ direction) + strength * direction
        turned += CONSTANT * direction.sum(axis=0)
        step = square / np.maximum((direction * turned).sum(axis=0), 1e-12)
        dual += step * direction
        residual -= step * turned
        new_square = (residual * residual).sum(axis=0)
        direction = residual + (new_square / np.maximum(square, 1e-12)) * direction
        square = new_square
    return kernel.linear(dual.astype(np.float32), CONSTANT * dual.sum(axis=0))


def _ridge_by_folds(kernel: Kernel, targets: Floats, strength: float, judged: int) -> Floats:
    scores = np.empty((judged, targets.shape[1]), np.float32)
    fold = folds_of(judged, kernel.size)
    for number in range(FOLDS):
        rest, part = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        linear = _solve_by_conjugate_gradients(kernel.part(rest), targets[rest], strength)
        scores[part] = kernel.matrix[part] @ linear.weights + linear.bias
    return scores
