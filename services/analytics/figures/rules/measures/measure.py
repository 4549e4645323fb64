"""What a measure is, and how it is compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from services.analytics.store.rules.filters import DatedBy

Unit = Literal["count", "share", "score", "hours", "working_hours", "days", "per_10000"]
# What one unit of the sample is; of an organisation's figures "appeal" is its assignment.
SampleUnit = Literal["appeal", "rated_answer"]


@dataclass(frozen=True)
class Comparison:
    """How a measure is compared with what was to be expected: every case has a score, and `size`, `total` and `squares` are
    SQL of the number of cases, of the sum of their scores and of its squares.

    `scale` leads from scores to the measure: it is their `sum`, their `mean`, or it grows with `exp(mean)` (`ratio`).
    """

    better: Literal["high", "low"]
    scale: Literal["sum", "mean", "ratio"]
    size: str
    total: str
    squares: str


@dataclass(frozen=True)
class Measure:
    """`expression` is SQL over a source (see `store`): counts are never null, the others are where nothing counts.

    `members`: SQL condition of the rows that it counts – of a count exactly as many as its value. `dated_by`: what its period
    is of. `quantile`: of a curve that counts what still waits, too (`survival`): `expression` is then the seconds to the end of
    waiting, null where it goes on. Expressions may ask for `:as_of`, the whole seconds since 1970 up to which facts are known.
    `is_stock`: it counts what was there at the end of a step or period, whenever that had come; `expression` is what is there
    now. Others count what came in the step or period. `minimum_sample`: cases from which on a ranking judges by it.
    """

    key: str
    name: str
    name_en: str
    unit: Unit
    definition: str
    formula: str
    expression: str
    members: str = "true"
    grain: SampleUnit = "appeal"
    minimum_sample: int = 10
    dated_by: DatedBy = "received_local"
    quantile: float | None = None
    comparison: Comparison | None = None
    is_stock: bool = False

    @property
    def additive(self) -> bool:
        """Whether parts add up to the whole, so that shares of a breakdown make sense."""
        return self.unit == "count"

    @property
    def knows_time(self) -> bool:
        """Whether it asks for `:as_of`."""
        return self.quantile is not None or ":as_of" in self.expression

    @property
    def empty(self) -> int | None:
        """What its expression comes to where nothing was received: counts, and what is made of counts, are nought then."""
        return 0 if self.unit in ("count", "per_10000") else None


def count_of(members: str) -> str:
    """SQL of a count, exactly of the rows that lie behind it."""
    return f"count(*) FILTER (WHERE {members})"


def share_of(part: str, whole: str) -> str:
    """SQL of the share of `part` in the rows `whole`; null where there are none."""
    return f"{count_of(f'({whole}) AND ({part})')}::float8 / nullif({count_of(whole)}, 0)"


def compare_shares(part: str, whole: str, better: Literal["high", "low"]) -> Comparison:
    """A case scores 1 if it is in `part`."""
    events = count_of(f"({whole}) AND ({part})")
    return Comparison(better, "mean", count_of(whole), events, events)


def compare_counts(members: str, better: Literal["high", "low"]) -> Comparison:
    """A count is compared per case received: with what as many cases of the same kinds bring elsewhere."""
    events = count_of(members)
    return Comparison(better, "sum", "count(*)", events, events)


def compare_times(seconds: str) -> Comparison:
    """A case scores the logarithm of its time, at least a minute.

    Times of handling are skewed and near to log-normal, so that single long cases do not decide, differences are ratios, and
    means of logarithms add up over topics and months as medians do not.
    """
    known, score = f"FILTER (WHERE {seconds} IS NOT NULL)", f"ln(greatest({seconds}, 60)::float8)"
    return Comparison(
        "low", "ratio", f"count({seconds})", f"sum({score}) {known}", f"sum({score} * {score}) {known}"
    )
