"""What orders and limits a competence rule, and the days on which things are in force."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from chassis.bodies import Body
from chassis.times import Day
from services.routing.reference.rules.houses import Service

_LEAP_YEAR = 2024
_MONTH_AND_DAY = re.compile(r"[0-9]{2}-[0-9]{2}")


def _existing_day(text: str) -> str:
    try:
        if _MONTH_AND_DAY.fullmatch(text) is None:
            raise ValueError
        date.fromisoformat(f"{_LEAP_YEAR}-{text}")
    except ValueError:
        raise ValueError("write a day of every year as MM-DD: 11-01") from None
    return text


MonthDay = Annotated[str, AfterValidator(_existing_day)]
# The fields as answers have them, too.
Position = Annotated[
    Annotated[int, Field(ge=1, le=1_000_000)] | None,
    Field(
        description="Rules with a position are tried first, the smallest before the others.", examples=[10]
    ),
]
FirstDay = Annotated[
    Day | None, Field(description="The first day on which it is in force.", examples=["2026-07-01"])
]
DayAfter = Annotated[
    Day | None, Field(description="The day on which it is in force no more.", examples=["2027-01-01"])
]
SeasonFrom = Annotated[
    MonthDay | None, Field(description="The first day of its season of every year.", examples=["11-01"])
]
SeasonTo = Annotated[
    MonthDay | None, Field(description="The last day of its season of every year.", examples=["03-31"])
]


class Validity(Body):
    """Local days of the region: `valid_from` inclusive, `valid_to` exclusive; null is without a limit."""

    valid_from: FirstDay = None
    valid_to: DayAfter = None

    @model_validator(mode="after")
    def _in_order(self) -> Validity:
        if self.valid_from and self.valid_to and self.valid_from >= self.valid_to:
            raise ValueError("valid_to must be later than valid_from")
        return self


class RuleTerms(Validity):
    """`position`: rules that have one are tried first, the smaller before the greater, the others by how specific they are.

    A season includes both its ends and may go over New Year. `service`: the company that serves the house of the appeal
    with it is competent, and where none is known the rule's organisation.
    """

    position: Position = None
    season_from: SeasonFrom = None
    season_to: SeasonTo = None
    service: Service | None = None

    @model_validator(mode="after")
    def _whole_season(self) -> RuleTerms:
        if (self.season_from is None) != (self.season_to is None):
            raise ValueError("a season has both season_from and season_to")
        return self
