"""Multinomial logistic regression: weights whose loss L-BFGS makes as small as it can."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

STEPS = 60
TOLERANCE = 1e-3  # of the gradient's largest entry
MOST_TRIES = 50  # at the length of one step
Numbers = npt.NDArray[np.floating[Any]]


class Regression(NamedTuple):
    """The labels that occur, ascending, and for each a column of weights and a bias."""

    labels: npt.NDArray[Any]
    weights: Numbers
    bias: Numbers


class Objective:
    """What is to become small: the mean of the rows' -log p, and half the squares of the weights over `strength` times the rows.
    Biases cost nothing.

    `counted`: how often each row counts, once if left out. Two labels have weights that are each other's negative, and it is their
    difference whose square counts: `scale` makes the row that is searched for as long as that difference. Everything is worked out
    in the precision of the matrix, which may be sparse.
    """

    def __init__(
        self,
        matrix: Any,
        labels: npt.NDArray[np.int64],
        count: int,
        strength: float,
        counted: Numbers | None = None,
    ) -> None:
        self.matrix, self.labels, self.count = matrix, labels, count
        counted = np.ones(len(labels)) if counted is None else counted
        self.shares = (counted / counted.sum()).astype(matrix.dtype)
        self.penalty = 1 / (strength * float(counted.sum()))
        self.scale = 0.5**0.5 if count == 2 else 1.0

    def start(self) -> Numbers:
        """Weights and, behind them, biases, in one row, over the scale: of who knows nothing."""
        return np.zeros((self.matrix.shape[1] + 1) * self.count, self.matrix.dtype)

    def parted(self, both: Numbers) -> tuple[Numbers, Numbers]:
        """Such a row as the weights' part (features × labels) and the biases'."""
        table = both.reshape(-1, self.count)
        return table[:-1], table[-1]

    def __call__(self, both: Numbers) -> tuple[float, Numbers]:
        """Its value and gradient."""
        weights, bias = self.parted(both)
        loss, chances = self._judged((self.matrix @ weights + bias) * self.scale)
        chances[np.arange(len(self.labels)), self.labels] -= 1
        chances *= self.scale * self.shares[:, None]
        gradient = self.start()
        of_weights, of_bias = self.parted(gradient)
        of_weights += self.matrix.T @ chances
        of_weights += self.penalty * weights
        of_bias += chances.sum(axis=0)
        return loss + self.penalty / 2 * float(np.vdot(weights, weights)), gradient

    def _judged(self, logits: Numbers) -> tuple[float, Numbers]:
        """The mean loss and the labels' probabilities, which take the place of the logits."""
        logits -= logits.max(axis=1, keepdims=True)
        own = logits[np.arange(len(self.labels)), self.labels]
        chances = np.exp(logits, out=logits)
        sums = chances.sum(axis=1)
        chances /= sums[:, None]
        return float(self.shares @ (np.log(sums) - own)), chances


def fit(
    matrix: Any,
    labels: npt.NDArray[Any],
    strength: float,
    *,
    counted: Numbers | None = None,
    steps: int = STEPS,
    tolerance: float = TOLERANCE,
) -> Regression:
    """The regression of the rows' labels; see `Objective`. Ends after so many steps, or where the gradient is that near to zero."""
    from scipy.optimize import minimize

    found, numbers = np.unique(labels, return_inverse=True)
    objective = Objective(matrix, numbers, len(found), strength, counted)
    nearness = tolerance * objective.scale
    options = {"maxiter": steps, "maxls": MOST_TRIES, "gtol": nearness, "ftol": 0}
    solved = minimize(objective, objective.start(), jac=True, method="L-BFGS-B", options=options)
    return Regression(found, *objective.parted((solved.x * objective.scale).astype(matrix.dtype)))
