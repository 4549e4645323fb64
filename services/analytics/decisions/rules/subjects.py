"""What a decision is judged by: whose weeks are compared, with whose, and from when to when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Protocol
from uuid import UUID

from services.analytics.figures.rules.measures import MEASURES
from services.analytics.figures.rules.measures.measure import Measure
from services.analytics.store.rules.filters import EVERYTHING, Filter
from services.analytics.store.rules.periods import Period
from services.analytics.store.rules.sources import Dimension

WEEK: Final = timedelta(days=7)
WEEKS_BEFORE: Final = 104
WEEKS_AFTER: Final = 12
RECEIVED: Final = "received"
# Measures by which a decision can be judged: what comes, and whatever organisations are compared by.
JUDGED_BY: Final = tuple(
    key for key, measure in MEASURES.items() if key == RECEIVED or measure.comparison is not None
)


class Subject(Protocol):
    """What of a decision says by what it is judged."""

    @property
    def region(self) -> str: ...
    @property
    def started_on(self) -> date | None: ...
    @property
    def topic(self) -> str | None: ...
    @property
    def topic_group(self) -> str | None: ...
    @property
    def municipality(self) -> str | None: ...
    @property
    def organisation_id(self) -> UUID | None: ...


@dataclass(frozen=True, slots=True)
class Compared:
    """A family of series of which one is the decision's: `key` of `dimension`, within `filters`."""

    dimension: Dimension
    key: str
    filters: Filter


def comparisons_of(decision: Subject, today: date) -> list[Compared]:
    """With whom a decision is compared, the best first: the same topic in other territories, else other topics of its own."""
    assert decision.started_on is not None
    weeks = weeks_after(decision.started_on, today)
    period = Period(decision.started_on - WEEKS_BEFORE * WEEK, decision.started_on + weeks * WEEK)
    topic, group = decision.topic, decision.topic_group

    def within(
        municipality: str | None = None, organisation: UUID | None = None, *, of_topic: bool
    ) -> Filter:
        asked = (topic, group) if of_topic else (None, None)
        return Filter(decision.region, EVERYTHING, period, municipality, organisation, *asked)

    found: list[Compared] = []
    if decision.organisation_id is not None:
        key = str(decision.organisation_id)
        found.append(Compared("organisation", key, within(decision.municipality, of_topic=True)))
    elif decision.municipality is not None:
        found.append(Compared("municipality", decision.municipality, within(of_topic=True)))
    if topic is not None or group is not None:
        its_own = within(decision.municipality, decision.organisation_id, of_topic=False)
        found.append(
            Compared("topic", topic, its_own)
            if topic is not None
            else Compared("group", group or "", its_own)
        )
    return found


def weeks_after(started_on: date, today: date) -> int:
    """Whole weeks that are over since a decision; at most so many are looked at."""
    return max(0, min((today - started_on).days // 7, WEEKS_AFTER))


def is_mean(measure: Measure) -> bool:
    """Whether it is a mean of cases' scores (a share, a score, a time) and no number of cases."""
    return measure.comparison is not None and measure.comparison.scale != "sum"


def is_ratio(measure: Measure) -> bool:
    """Whether scores are logarithms."""
    return measure.comparison is not None and measure.comparison.scale == "ratio"
