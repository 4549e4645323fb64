"""Organisations whose answers come late, or come back, beyond what was to be expected with their topics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from services.analytics.comparison.queries import compare
from services.analytics.comparison.rules.funnels import Judged
from services.analytics.figures.rules.measures import MEASURES
from services.analytics.problems.rules.discoveries import FALSE_SHARE, q_values
from services.analytics.statistics.rules.messages import Finding, FindingKind
from services.analytics.store.queries.stores import FigureStore
from services.analytics.store.rules.filters import EVERYTHING, Filter
from services.analytics.store.rules.periods import Period

SPAN: Final = timedelta(days=84)  # what an organisation is judged by
LEAST_RATIO: Final = 1.25  # a difference that is sure and small is no problem
MEASURED: Final[Mapping[FindingKind, str]] = {
    "slow_organisation": "median_hours_to_answer",
    "reopenings": "reopened_share",
}
_DAY: Final = timedelta(days=1)


async def find_organisations(store: FigureStore, region: str, end: date, as_of: int) -> list[Finding]:
    """Of the twelve weeks before a day. `as_of`: seconds since 1970 up to which facts are known."""
    filters = Filter(region, EVERYTHING, Period(end - SPAN, end))
    found: list[Finding] = []
    for kind, key in MEASURED.items():
        compared = await compare(store, filters, MEASURES[key], "organisation", as_of)
        known = [
            (organisation, judged)
            for organisation, judged in compared.judged.items()
            if judged.low is not None
        ]
        found += _findings(kind, known, compared.values, end)
    return found


def _findings(
    kind: FindingKind,
    judged: Sequence[tuple[str | None, Judged]],
    values: Mapping[str | None, float],
    end: date,
) -> list[Finding]:
    """Those that are worse, at a tenth of false ones among them."""
    shares = q_values([each.p_value for _, each in judged])
    return [
        Finding(
            kind=kind,
            topic=None,
            municipality=None,
            started_on=end - SPAN,
            detected_on=end - _DAY,
            last_on=end - _DAY,
            observed=round(values[organisation], 4),
            expected=round(each.expected or 0.0, 4),
            p_value=each.p_value,
            q_value=share,
            organisation_id=UUID(organisation),
        )
        for (organisation, each), share in zip(judged, shares, strict=True)
        if organisation is not None
        and each.flagged == "worse"
        and share <= FALSE_SHARE
        and values[organisation] >= LEAST_RATIO * (each.expected or 0.0)
    ]
