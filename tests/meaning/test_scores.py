"""What figures about labels are counted from, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from harness.scores import average_precision, f1, mean_f1, precision, precisions_and_recalls, recall

TRUE = [True, True, True, False, False]
FOUND = [True, False, True, True, False]


def test_shares_of_what_was_found_and_of_what_is_true() -> None:
    assert precision(TRUE, FOUND) == recall(TRUE, FOUND) == f1(TRUE, FOUND) == pytest.approx(2 / 3)
    assert precision(TRUE, [True] * 5) == pytest.approx(3 / 5)
    assert f1(TRUE, [True] * 5) == pytest.approx(2 * 3 / 8)
    assert precision(TRUE, [False] * 5) == recall([False] * 5, FOUND) == 0


def test_a_label_that_was_found_and_never_is_counts_too() -> None:
    assert mean_f1(["a", "a", "b"], ["a", "b", "b"]) == pytest.approx(2 / 3)
    assert mean_f1(["a", "a"], ["a", "c"]) == pytest.approx((2 / 3 + 0) / 2)


def test_precision_is_weighed_by_the_recall_it_adds() -> None:
    precisions, recalls = precisions_and_recalls([True, False, True, False], [0.9, 0.8, 0.7, 0.7])
    assert np.allclose(precisions, [1, 1 / 2, 2 / 4]), "those of one score come together"
    assert np.allclose(recalls, [1 / 2, 1 / 2, 1])
    assert average_precision([True, False, True, False], [0.9, 0.8, 0.7, 0.7]) == pytest.approx(3 / 4)
