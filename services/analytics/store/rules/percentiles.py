"""Exact percentiles without sorting everything: a sample says about where they lie, one pass counts what lies below, another
keeps what lies near. Finding the k-th value by narrowing down where it is: Floyd and Rivest (1975), here with two passes over
columns instead of moves in memory.

The sample only saves work: a percentile that does not lie where it said is asked for as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.analytics.store.rules.questions import Percentile, Question

SAMPLE_PERCENT: Final = 1
MANY: Final = 1_000_000  # values; fewer are sorted as soon as they are sampled and counted
_MARGIN: Final = 0.02  # in ranks; neighbours in a file are alike, so a sample errs by more than its size says


@dataclass(frozen=True, slots=True)
class Bracket:
    """Where the percentile `name` is expected, both ends inclusive."""

    name: str
    percentile: Percentile
    low: float
    high: float


def percentiles_of(question: Question) -> Mapping[str, Percentile]:
    """The columns of a question that are percentiles, by name."""
    return {name: each for name, each in question.columns.items() if isinstance(each, Percentile)}


def sampling(question: Question) -> Question:
    """For each percentile how many values there are in a sample, and where they put its bracket."""
    columns = {}
    for name, each in percentiles_of(question).items():
        columns[f"{name}_size"] = f"count({each.of})"
        columns[f"{name}_low"] = Percentile(max(0.0, each.share - _MARGIN), each.of)
        columns[f"{name}_high"] = Percentile(min(1.0, each.share + _MARGIN), each.of)
    return replace(question, columns=columns, order="")


def brackets_of(question: Question, sample: Mapping[str, float | None]) -> list[Bracket]:
    """Of those percentiles that have very many values. `sample`: the answer to `sampling`."""
    found = []
    for name, each in percentiles_of(question).items():
        size, low, high = (sample[f"{name}_{what}"] for what in ("size", "low", "high"))
        if size and size * 100 / SAMPLE_PERCENT >= MANY and low is not None and high is not None:
            found.append(Bracket(name, each, low, high))
    return found


def counting(question: Question, brackets: Sequence[Bracket]) -> Question:
    """Everything else that was asked, how many values each percentile has, and how many lie below its bracket."""
    columns = {name: each for name, each in question.columns.items() if not isinstance(each, Percentile)}
    bounds: dict[str, object] = {}
    for each in brackets:
        of, low = each.percentile.of, f"{each.name}_low"
        columns[f"{each.name}_size"] = f"count({of})"
        columns[f"{each.name}_below"] = f"count(CASE WHEN {of} < :{low} THEN 1 END)"
        bounds[low] = each.low
    return replace(question, columns=columns, parameters={**question.parameters, **bounds}, order="")


def near(question: Question, bracket: Bracket) -> Question:
    """The values in a bracket, in order, as one list; in DuckDB's SQL."""
    of, low, high = bracket.percentile.of, f"{bracket.name}_low", f"{bracket.name}_high"
    within = f"{of} >= :{low} AND {of} <= :{high}"
    return replace(
        question,
        columns={bracket.name: f"list_sort(list({of}))"},
        narrowed=f"({question.narrowed}) AND {within}" if question.narrowed else within,
        parameters={**question.parameters, low: bracket.low, high: bracket.high},
        order="",
    )


def value_at(wanted: Percentile, size: int, below: int, values: Sequence[float] | None) -> float | None:
    """The percentile of `size` values, of which `below` come before `values`, interpolated between neighbours as SQL's
    `percentile_cont` is; None where it is not among them."""
    whole, part = divmod(wanted.share * (size - 1), 1)
    first = int(whole) - below
    last = first if part == 0 else first + 1
    if values is None or first < 0 or last >= len(values):
        return None
    return (values[first] + part * (values[last] - values[first])) / wanted.per
