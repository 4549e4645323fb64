"""What a ranking answers, and by what it is asked."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query
from pydantic import AfterValidator, BaseModel

from services.analytics.figures.rules.measures import MEASURES
from services.analytics.figures.schemas import Value, WithDefinitions

RankedBy = Literal["municipality", "organisation"]
RANKED = tuple(key for key, measure in MEASURES.items() if measure.comparison is not None)


def _ranked_measure(value: str) -> str:
    if value not in RANKED:
        raise ValueError("nothing is compared by this measure, see `ranked` in /api/v1/analytics/measures")
    return value


RankedMeasure = Annotated[
    str,
    Query(
        description="Key of a measure that is compared.",
        max_length=64,
        json_schema_extra={"enum": sorted(RANKED)},
    ),
    AfterValidator(_ranked_measure),
]


class RankingItem(BaseModel):
    """One group. `value` is null below the measure's minimum sample, and then the rest, too; `expected`, `low` and `high` are
    null where no other group had cases of the same topics and months."""

    key: str
    name: str
    value: Value
    expected: float | None
    low: float | None
    high: float | None
    flagged: Literal["better", "worse"] | None
    sample: int


class RankingRow(RankingItem):
    """One group, flat. `metric_name`: in Russian."""

    metric: str
    metric_name: str


class RankingRows(WithDefinitions):
    """A ranking as flat rows (`format=rows`), in the same order."""

    rows: list[RankingRow]


class Ranking(WithDefinitions):
    """Groups beside what was to be expected of them: the worst first, those that are not judged last."""

    metric: str
    by: RankedBy
    minimum_sample: int
    items: list[RankingItem]
