"""What is published of a month: the whole, its groups of topics, its municipalities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from services.analytics.public.rules.suppression import MARGIN, SMALLEST, both_shown, is_shown, withheld_of


@dataclass(frozen=True, slots=True)
class Counts:
    """Of the appeals received in a month: `key` is a part's, null for appeals without it. `decided`: whose term was kept or not;
    `late`: of these not. `rated`, `scores`: answers that were rated, and the sum of their scores."""

    key: str | None
    received: int
    answered: int
    decided: int
    late: int
    rated: int
    scores: int
    median_hours: float | None


class PartFigures(BaseModel):
    """A part that is shown; what else is not is null. The share is rounded to whole per cents."""

    key: str | None
    received: int
    in_time_share: float | None
    satisfaction: float | None
    median_hours_to_answer: float | None


class MonthFigures(BaseModel):
    """The whole, as far as it is shown, and its parts."""

    received: int | None
    answered: int | None
    in_time_share: float | None
    satisfaction: float | None
    median_hours_to_answer: float | None
    groups: list[PartFigures]
    municipalities: list[PartFigures]


NOTHING: Final = MonthFigures(
    received=None,
    answered=None,
    in_time_share=None,
    satisfaction=None,
    median_hours_to_answer=None,
    groups=[],
    municipalities=[],
)


def publish(whole: Counts, groups: Sequence[Counts], municipalities: Sequence[Counts]) -> MonthFigures:
    """What may be seen. Both tables have the same whole, which is known exactly: so the one tells nothing of the other."""
    if whole.received < SMALLEST:
        return NOTHING
    return MonthFigures(
        received=whole.received,
        answered=whole.answered
        if is_shown(whole.answered) and is_shown(whole.received - whole.answered)
        else None,
        in_time_share=_share_in_time(whole),
        satisfaction=_satisfaction(whole),
        median_hours_to_answer=_median(whole),
        groups=_parts(groups),
        municipalities=_parts(municipalities),
    )


def _parts(counted: Sequence[Counts]) -> list[PartFigures]:
    """Of each count there is a table of its own that has to be safe: of those received, of those in time, of those late."""
    withheld = withheld_of({each.key: each.received for each in counted})
    without_share = withheld_of({each.key: each.late for each in counted}) | withheld_of(
        {each.key: each.decided - each.late for each in counted}
    )
    shown = [
        PartFigures(
            key=each.key,
            received=each.received,
            in_time_share=None if each.key in without_share else _share_in_time(each),
            satisfaction=_satisfaction(each),
            median_hours_to_answer=_median(each),
        )
        for each in counted
        if each.received and each.key not in withheld
    ]
    return sorted(shown, key=lambda part: (-part.received, part.key or ""))


def _share_in_time(counts: Counts) -> float | None:
    in_time = counts.decided - counts.late
    return round(in_time / counts.decided, 2) if both_shown((in_time, counts.late)) else None


def _satisfaction(counts: Counts) -> float | None:
    return round(counts.scores / counts.rated, 1) if counts.rated >= MARGIN else None


def _median(counts: Counts) -> float | None:
    """In whole hours, and of many: the median of few is somebody's own."""
    if counts.median_hours is None or counts.answered < MARGIN:
        return None
    return float(round(counts.median_hours))
