"""Appeals for publication, read a few days at a time, so that neither side holds much; never an id, a number or a text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple, TypeVar, cast

from chassis.problems import Unprocessable
from services.analytics.exports.rules.anonymity import Description
from services.analytics.store.queries.stores import FigureStore
from services.analytics.store.rules.filters import Filter, base_of
from services.analytics.store.rules.periods import Period
from services.analytics.store.rules.questions import Question
from services.analytics.store.rules.sources import DIMENSIONS, Base

T = TypeVar("T")
MOST_APPEALS: Final = 100_000
_AT_ONCE: Final = 20_000  # appeals of a question, unless one day has more
_COLUMNS: Final = {
    "row_id": "f.row_id",
    "region": "f.region",
    "municipality": DIMENSIONS["municipality"],
    "topic_group": "f.topic_group",
    "topic": "f.topic",
    "channel": "f.channel",
    "received_on": "f.received_local::date",
    "days_to_answer": "f.days_to_answer",
    "in_time": "CASE WHEN f.breached THEN false WHEN f.met THEN true END",
    "reopened": "f.reopenings > 0",
    "is_open": "f.is_open",
    "rated": "f.score_count > 0",
    "solved": "CASE WHEN f.score_count > 0 THEN f.solved_count > 0 END",
}
# An organisation may have had two assignments on one appeal, which is one row all the same: five rows are five appeals.
# Which of the two is settled to the last word, whatever order a store reads them in.
_ONE_EACH: Final = (
    "SELECT DISTINCT ON (row_id) * FROM ({rows}) AS r "
    "ORDER BY row_id, is_open, days_to_answer, topic, topic_group, municipality, in_time, reopened, rated, solved"
)


class TooManyRows(Unprocessable):
    """The file would be too long."""

    slug = "too-many-rows"
    title = "Ask for a shorter period or a narrower filter"


class Outcome(NamedTuple):
    """What became of an appeal; null where that is not known."""

    answered: bool
    in_time: bool | None
    reopened: bool
    open: bool
    rated: bool
    solved: bool | None


@dataclass(frozen=True, slots=True)
class FoundAppeal:
    """A row of the facts."""

    region: str
    municipality: str | None
    topic_group: str | None
    topic: str | None
    channel: str | None
    received_on: date
    days_to_answer: int | None
    in_time: bool | None
    reopened: bool
    is_open: bool
    rated: bool
    solved: bool | None


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many appeals were received on a day."""

    day: date
    number: int


Described = Counter[tuple[Description, Outcome]]


async def read_appeals(store: FigureStore, filters: Filter) -> Described:
    """How many appeals are so described and came to this, of those that a filter means; 422 when there are more than
    `MOST_APPEALS`."""
    base: Base = "appeal" if base_of(filters) == "appeal" else "assignment_on_map"
    days = await store.ask(
        DayCount,
        Question(
            filters,
            base,
            {"day": "f.received_local::date", "number": "count(DISTINCT f.row_id)"},
            groups=1,
            order="1",
        ),
    )
    _require_room(days, MOST_APPEALS)
    found: Described = Counter()
    once = Once()
    for period in periods_of(days, _AT_ONCE):
        question = Question(filters.during(period), base, _COLUMNS, around=_ONE_EACH)
        found.update(once.describe(each) for each in await store.ask(FoundAppeal, question))
    return found


def periods_of(days: list[DayCount], at_once: int) -> Iterator[Period]:
    """Periods without gaps over all days, each of at most `at_once` appeals unless it is one day."""
    start, number = None, 0
    for each in days:
        if start is not None and number + each.number > at_once:
            yield Period(start, each.day)
            start, number = None, 0
        start, number = start or each.day, number + each.number
    if start is not None:
        yield Period(start, days[-1].day + timedelta(days=1))


def _require_room(days: list[DayCount], most: int) -> None:
    number = 0
    for each in days:
        number += each.number
        if number > most:
            if each.day == days[0].day:
                raise TooManyRows(
                    "A file holds at most {most} appeals, and {day} alone has more. Narrow the filter: name a municipality, topic or channel.",
                    values={"most": most, "day": each.day},
                )
            raise TooManyRows(
                "A file holds at most {most} appeals. Narrow the period: from {start} to {end} (not included) they fit.",
                values={"most": most, "start": days[0].day, "end": each.day},
            )


class Once:
    """Values that many appeals share, each kept once: a file is described in little memory."""

    def __init__(self) -> None:
        self._kept: dict[object, object] = {}

    def __call__(self, value: T) -> T:
        """The same value, and the same object for the same value."""
        return cast("T", self._kept.setdefault(value, value))

    def describe(self, found: FoundAppeal) -> tuple[Description, Outcome]:
        """What an outsider may know of an appeal, and what came of it."""
        waited = found.days_to_answer
        answered_on = None if waited is None else found.received_on + timedelta(days=waited)
        description = Description(
            region=self(found.region),
            municipality=self(found.municipality),
            group=self(found.topic_group),
            topic=self(found.topic),
            channel=self(found.channel),
            received_month=self(found.received_on.replace(day=1)),
            received_on=self(found.received_on),
            answered_month=self(answered_on and answered_on.replace(day=1)),
            answered_on=self(answered_on),
        )
        known = (found.in_time, found.reopened, found.is_open, found.rated, found.solved)
        return self(description), self(Outcome(waited is not None, *known))
