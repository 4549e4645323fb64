"""`python -m bench.meaning_weights [--folds]`: learn what kind, importance and danger are weighed by.

Three logistic regressions over the same features: runs of letters (`meaning/letters.py`) and marks (`meaning/features.py`),
learnt from the sentences of tests/meaning; written to `meaning/letters.npz` and `meaning/weights.csv`.
The classifier's own example sentences, all of them problems, count a little each, so that long real texts are not alien.
With `--folds` nothing is written: every file of sentences is judged by what was learnt from the others.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, diags, hstack

from chassis.normal import fold
from harness.scores import average_precision, f1, mean_f1, precision, precisions_and_recalls, recall
from meaning.features import FEATURES, marks_of
from meaning.hazards import report
from meaning.languages import RUSSIAN, language_of
from meaning.letters import BUCKETS, OUTCOMES, as_read, buckets_of, damping
from meaning.values import KINDS
from meaning.weighing import BASE, DANGEROUS, HARMLESS, REPORTED
from services.routing.classifier.regression import Regression, fit

PROJECT = Path(__file__).resolve().parent.parent
SENTENCES = [
    PROJECT / f"tests/meaning/{name}.csv"
    for name in ("development", "judging", "development_2", "development_3", "judging_2")
]
EXAMPLES = PROJECT / "services/routing/classifier/examples"
EXAMPLE_WEIGHT, HARMLESS_WEIGHT = (
    0.02,
    0.3,
)  # of an example for its kind, and as no danger where no rule reports one
# Marks were written with some of the sentences in view: they may not drown the letters, least of all for danger.
KIND_MARKS, DANGER_MARKS = 0.5, 0.3
# Most sentences are problems, and so the rest would be overlooked: they count for more, and problems start from less.
KIND_BALANCE: dict[str, float] = {kind: 1.0 if kind == "problem" else 2.0 for kind in KINDS}
PRIORS = np.array([0.6 if kind == "problem" else 0.0 for kind in KINDS])
STRENGTH = 1.0  # of the fit against its penalty
RARE = 2  # runs of letters that fewer sentences hold teach nothing


@dataclass(frozen=True)
class Sentences:
    """Vectors of sentences, and what people labelled."""

    vectors: Any
    kinds: Any
    importances: Any
    sources: Any

    @property
    def are_examples(self) -> Any:
        """Whether each is one of the classifier's."""
        return self.sources < 0

    def own(self, chosen: Any) -> Any:
        """Of the chosen ones those that people labelled."""
        return chosen & ~self.are_examples


def vectors_of(texts: Sequence[str]) -> Any:
    """Sparse [texts, BUCKETS + features + 1]; the last says whether the rules report a danger."""
    folded = [fold(text) for text in texts]
    marks = np.array([*map(marks_in, texts, folded)], dtype=np.float32)
    return hstack([letters_of(folded), csr_matrix(marks)]).tocsr()


def letters_of(folded: Sequence[str]) -> Any:
    """Sparse [texts, BUCKETS]."""
    data: list[float] = []
    columns: list[int] = []
    ends = [0]
    for text in folded:
        pieces = text.split()
        found = [bucket for piece in as_read(pieces) for bucket in buckets_of(piece)]
        data += [damping(pieces)] * len(found)
        columns += found
        ends.append(len(columns))
    letters = csr_matrix((data, columns, ends), shape=(len(folded), BUCKETS), dtype=np.float32)
    letters.sum_duplicates()
    return letters


def marks_in(text: str, folded: str) -> list[bool]:
    """The features of a text."""
    marks = marks_of(folded, folded.split(), foreign=language_of(text) != RUSSIAN)
    return [*(feature.holds(marks) for feature in FEATURES), report(folded, marks) is not None]


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_sentences() -> Sentences:
    """All that may be learnt from, the examples at the end as source -1."""
    known: dict[str, tuple[dict[str, str], int]] = {}  # a sentence of two files counts for the first
    for source, path in enumerate(SENTENCES):
        for row in read_rows(path):
            known.setdefault(row["text"], (row, source))
    rows = [*known.values()]
    examples = [row["text"] for part in sorted(EXAMPLES.glob("part_*.csv")) for row in read_rows(part)]
    vectors = vectors_of([row["text"] for row, _ in rows] + examples)
    taught = np.asarray((vectors > 0).sum(axis=0)).ravel() >= RARE
    return Sentences(
        vectors.multiply(taught).tocsr(),
        np.array([row["kind"] for row, _ in rows] + ["problem"] * len(examples)),
        np.array([row["importance"] for row, _ in rows] + ["normal"] * len(examples)),
        np.array([source for _, source in rows] + [-1] * len(examples)),
    )


@dataclass(frozen=True)
class Learnt:
    """[features, outcomes] and what is added to each outcome."""

    weights: Any
    base: Any

    def weigh(self, vectors: Any) -> Any:
        """[sentences, outcomes]."""
        return vectors @ self.weights + self.base


def learn(sentences: Sentences, chosen: Any) -> Learnt:
    """From the chosen sentences and the examples; only danger is learnt from the rules' reports, the last column, too."""
    kinds = learn_kinds(sentences, chosen)
    danger = learn_danger(sentences, chosen)
    words = np.vstack([kinds.weights, np.zeros(kinds.weights.shape[1])])
    return Learnt(np.column_stack([words, danger.weights]), np.concatenate([kinds.base, danger.base]))


def learn_kinds(sentences: Sentences, chosen: Any) -> Learnt:
    """Kinds, and high importance among what is no danger."""
    scales = scales_of(sentences.vectors, KIND_MARKS)[:-1]
    words = sentences.vectors[:, :-1] @ diags(scales)
    own, beside = sentences.own(chosen), sentences.own(chosen) | sentences.are_examples
    calm = own & (sentences.importances != "danger")
    weights = np.where(sentences.are_examples[beside], EXAMPLE_WEIGHT, 1.0)
    kinds = sentences.kinds[beside]
    kind = regress(words[beside], kinds, weights * np.array([KIND_BALANCE[name] for name in kinds]))
    high = learn_either(words[calm], sentences.importances[calm] == "high", np.ones(calm.sum()))
    order = [list(kind.labels).index(name) for name in KINDS]
    return Learnt(
        np.column_stack([kind.weights[:, order], high.weights]) * scales[:, None],
        np.concatenate([kind.bias[order] - PRIORS, high.base]),
    )


def learn_danger(sentences: Sentences, chosen: Any) -> Learnt:
    """Danger."""
    unreported = sentences.vectors[:, -1].toarray().ravel() == 0
    used = sentences.own(chosen) | (sentences.are_examples & unreported)
    weights = np.where(sentences.are_examples[used], HARMLESS_WEIGHT, 1.0)
    labels = sentences.importances[used] == "danger"
    scales = scales_of(sentences.vectors, DANGER_MARKS)
    vectors = sentences.vectors[used] @ diags(scales)
    danger = learn_either(vectors, labels, weights)
    return Learnt(danger.weights * scales[:, None], danger.base)


def scales_of(vectors: Any, of_marks: float) -> Any:
    """What the columns are multiplied by before learning."""
    return np.where(np.arange(vectors.shape[1]) < BUCKETS, 1.0, of_marks)


def learn_either(vectors: Any, labels: Any, counted: Any) -> Learnt:
    """What speaks for the one of two labels; both count alike in the sum, however rare."""
    rarity = np.where(labels, counted[labels].sum(), counted[~labels].sum()) * 2 / counted.sum()
    found = regress(vectors, labels, counted / rarity)
    return Learnt(found.weights[:, [1]] - found.weights[:, [0]], found.bias[[1]] - found.bias[[0]])


def regress(vectors: Any, labels: Any, counted: Any) -> Regression:
    """Each sentence as often as it counts."""
    return fit(vectors, labels, STRENGTH, counted=counted, steps=3000, tolerance=1e-4)


def judge(sentences: Sentences, source: int) -> dict[str, float]:
    """A file by what was learnt from the others."""
    of_source = sentences.sources == source
    learnt, vectors = learn(sentences, ~of_source), sentences.vectors[of_source]
    sums = learnt.weigh(vectors)
    kinds, importances = sentences.kinds[of_source], sentences.importances[of_source]
    danger, high = importances == "danger", importances == "high"
    letters = vectors[:, :BUCKETS] @ learnt.weights[:BUCKETS, -1]
    found = (sums[:, -1] >= DANGEROUS) & (letters >= HARMLESS)
    precisions, recalls = precisions_and_recalls(danger, sums[:, -1])
    return {
        "kind": mean_f1(kinds, np.array(KINDS)[sums[:, : len(KINDS)].argmax(axis=1)]),
        "high": f1(high[~danger], sums[~danger, -2] > 0),
        "recall": recall(danger, found),
        "precision": precision(danger, found),
        "danger": average_precision(danger, sums[:, -1]),
        **{f"precision at {least}": precisions[recalls >= least].max() for least in (0.9, 0.95, 0.98)},
    }


def main(arguments: Sequence[str]) -> None:
    """Learn and write, or judge."""
    sentences = read_sentences()
    if "--folds" in arguments:
        for source, path in enumerate(SENTENCES):
            print(
                path.name, {name: round(float(value), 3) for name, value in judge(sentences, source).items()}
            )
        return
    learnt = learn(sentences, sentences.sources >= 0)
    write_letters(learnt.weights[:BUCKETS])
    write_marks(learnt.base, learnt.weights[BUCKETS:])


def write_letters(weights: Any) -> None:
    """A byte per weight."""
    scales = (np.abs(weights).max(axis=0) / 127).astype(np.float32)
    rounded = np.round(weights / scales).astype(np.int8)
    np.savez_compressed(PROJECT / "meaning/letters.npz", weights=rounded, scales=scales)


def write_marks(base: Any, weights: Iterable[Any]) -> None:
    """A line per feature."""
    with (PROJECT / "meaning/weights.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["feature", *OUTCOMES])
        for name, values in zip(
            (BASE, *(each.name for each in FEATURES), REPORTED), (base, *weights), strict=True
        ):
            writer.writerow([name, *(f"{value:.3f}" for value in values)])


if __name__ == "__main__":
    main(sys.argv[1:])
