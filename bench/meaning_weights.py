"""`python -m bench.meaning_weights`: learn the weights of kind and importance from tests/meaning/development.csv.

Two logistic regressions over the features of `meaning/features.txt`; written to `meaning/weights.csv`. The classifier's own
example sentences, all of them problems, count a little each, so that long real texts are not alien. Prints macro F1 in
ten-fold cross-validation of the sentences.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold

from chassis.normal import fold
from meaning.dangers import find_folded
from meaning.features import FEATURES, marks_of
from meaning.languages import RUSSIAN, language_of

PROJECT = Path(__file__).resolve().parent.parent
SENTENCES = PROJECT / "tests/meaning/development.csv"
EXAMPLES = PROJECT / "services/routing/classifier/examples"
EXAMPLE_WEIGHT = 0.02
WEIGHTS = PROJECT / "meaning/weights.csv"
KINDS = ("problem", "question", "proposal", "thanks", "nothing")
KIND_STRENGTH, HIGH_STRENGTH = 1.0, 0.5  # of the fit against its penalty; chosen by cross-validation
FOLDS = StratifiedKFold(10, shuffle=True, random_state=1)


def vector_of(text: str) -> list[bool]:
    """The features of a text."""
    folded = fold(text)
    marks = marks_of(folded, foreign=language_of(text) != RUSSIAN, danger=find_folded(folded) is not None)
    return [feature.holds(marks) for feature in FEATURES]


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass
class Learner:
    """One regression; `examples` stand beside every fold with their small weight."""

    strength: float
    examples: Any = None

    def fit(self, vectors: Any, labels: Any) -> LogisticRegression:
        """Learn from vectors and their labels."""
        weights = np.ones(len(labels))
        if self.examples is not None:
            vectors = np.vstack([vectors, self.examples])
            labels = np.concatenate([labels, np.full(len(self.examples), "problem")])
            weights = np.concatenate([weights, np.full(len(self.examples), EXAMPLE_WEIGHT)])
        balance = None if self.examples is not None else "balanced"
        model = LogisticRegression(C=self.strength, class_weight=balance, max_iter=5000).fit(
            vectors, labels, sample_weight=weights
        )
        if self.examples is not None:
            self._restore_share(model, float(weights[labels == "problem"].sum()))
        return model

    def _restore_share(self, model: LogisticRegression, counted: float) -> None:
        """Examples teach what problems look like, not how many there are."""
        own = counted - EXAMPLE_WEIGHT * len(self.examples)
        model.intercept_[list(model.classes_).index("problem")] += np.log(own / counted)

    def validate(self, vectors: Any, labels: Any) -> float:
        """Macro F1 over folds."""
        predicted = np.empty_like(labels)
        for train, test in FOLDS.split(vectors, labels):
            predicted[test] = self.fit(vectors[train], labels[train]).predict(vectors[test])
        return float(f1_score(labels, predicted, average="macro"))


def main() -> None:
    """Learn and write."""
    rows = read_rows(SENTENCES)
    examples = [row["text"] for part in sorted(EXAMPLES.glob("*.csv")) for row in read_rows(part)]
    vectors = np.array([vector_of(row["text"]) for row in rows], dtype=float)
    kinds = np.array([row["kind"] for row in rows])
    importances = np.array([row["importance"] for row in rows])
    calm = importances != "danger"
    of_kind = Learner(KIND_STRENGTH, np.array([vector_of(text) for text in examples], dtype=float))
    of_high = Learner(HIGH_STRENGTH)
    print(f"kind: macro F1 {of_kind.validate(vectors, kinds):.3f} in cross-validation")
    print(f"high: macro F1 {of_high.validate(vectors[calm], importances[calm]):.3f} in cross-validation")
    write(of_kind.fit(vectors, kinds), of_high.fit(vectors[calm], importances[calm] == "high"))


def write(kind: LogisticRegression, high: LogisticRegression) -> None:
    """The weights, a line per feature."""
    order = [list(kind.classes_).index(name) for name in KINDS]
    table = np.column_stack([kind.coef_[order].T, high.coef_[0]])
    base = [*kind.intercept_[order], high.intercept_[0]]
    with WEIGHTS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["feature", *KINDS, "high"])
        for name, values in zip(("(base)", *(each.name for each in FEATURES)), (base, *table), strict=True):
            writer.writerow([name, *(f"{value:.3f}" for value in values)])


if __name__ == "__main__":
    main()
