"""Where the truth is known: few of the problems raised are none, and the larger ones that are there are found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from signals import cases_of, find_problems
from tests.conftest import FULL
from tests.signals.invented import SIZES, invented_year

ROWS, DAYS, PROBLEMS = (200_000, 365, 300) if FULL else (40_000, 110, 60)


def test_few_alarms_are_false_and_large_problems_are_found(proof: Callable[..., None]) -> None:
    """At most one alarm in ten is false; power by size."""
    rows, planted = invented_year(ROWS, DAYS, PROBLEMS, seed=20250101)
    raised = [each for each in find_problems(cases_of(rows), frozenset()) if each.kind == "burst"]
    false = [each for each in raised if not any(problem.explains(each) for problem in planted)]
    there = Counter(problem.size for problem in planted)
    found = Counter(problem.size for problem in planted if any(problem.explains(each) for each in raised))
    power = {size: round(found[size] / there[size], 3) for size in SIZES}
    share = len(false) / max(len(raised), 1)
    proof(rows=len(rows), planted=len(planted), raised=len(raised), false_share=round(share, 3), **power)
    assert share <= 0.1
    assert power["large"] >= 0.9
    assert power["middle"] >= 0.6
    assert power["small"] < power["middle"] < power["large"]


def test_nothing_planted_nothing_raised(proof: Callable[..., None]) -> None:
    """Ordinary days alone raise a problem in several weeks at most."""
    rows, _ = invented_year(30_000, 90, 0, seed=7)
    raised = find_problems(cases_of(rows), frozenset())
    proof(raised=len(raised), days=90)
    assert len(raised) <= 4
