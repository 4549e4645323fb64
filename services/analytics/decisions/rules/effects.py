"""What the process that judges decisions is asked, and what it answers. Nothing here needs numpy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from pydantic import TypeAdapter

Reason = Literal["too_little_before", "too_early", "nothing_comparable", "too_few_cases"]
Scale = Literal["count", "mean", "log_mean"]
REASONS: Final[dict[Reason, str]] = {
    "too_little_before": "Слишком мало данных до решения: нужно не меньше восьми недель.",
    "too_early": "Слишком рано: после решения должны пройти четыре полные недели.",
    "nothing_comparable": "Нет сопоставимых территорий или тем, с которыми можно сравнить.",
    "too_few_cases": "Слишком мало обращений до решения, чтобы отличить изменение от случайности.",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Weekly sums by series. `week`: the first one after the decision; `row`: the decision's own series; `kept_out`: series
    with decisions of their own. `totals`, `sizes`: sums of scores and numbers of cases, as `signals.panels`."""

    scale: Scale
    better: Literal["high", "low"]
    week: int
    row: int
    kept_out: list[int]
    totals: list[list[float]]
    sizes: list[list[float]]


@dataclass(frozen=True, slots=True)
class JudgedWeek:
    """A week, by its number from the decision on, in the measure's own unit."""

    number: int
    observed: float | None
    expected: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class OtherRow:
    """A series that was compared with, by its row, and its share in what was expected."""

    row: int
    share: float


@dataclass(frozen=True, slots=True)
class Found:
    """The effect as `signals.effects` says it; of counts and times relative to what was to be expected."""

    estimate: float
    low: float
    high: float
    placebo_rank: float
    placebos: int
    worked: bool
    weeks: int
    observed: float
    expected: float
    series: list[JudgedWeek]
    others: list[OtherRow]


@dataclass(frozen=True, slots=True)
class Other:
    """The same by its key."""

    key: str
    share: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """An effect as it is kept: what was found, from which day its weeks count, and with what it was compared."""

    started_on: date
    found: Found
    compared_by: str
    compared_with: list[Other]


ASKED: Final = TypeAdapter(Asked)
ANSWER: Final[TypeAdapter[Found | Reason]] = TypeAdapter(Found | Reason)
JUDGEMENT: Final = TypeAdapter(Judgement)
