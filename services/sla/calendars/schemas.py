"""Types of single values, checked before anything works with them, and the arithmetic of deadlines on its own."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt, StringConstraints

from chassis.bodies import Body
from chassis.texts import require_visible_text
from chassis.times import Instant
from contracts.territories import REGIONS
from services.sla.calendars.rules.explanations import Step


def _clean(value: str) -> str:
    if any(
        (ord(letter) < 32 and letter not in "\t\n\r") or 0xD800 <= ord(letter) <= 0xDFFF for letter in value
    ):
        raise ValueError("control characters are not allowed")
    return value


def _known_region(value: str) -> str:
    if value not in REGIONS:
        raise ValueError("there is no such region")
    return value


Region = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$"), AfterValidator(_known_region)]
Municipality = Annotated[str, StringConstraints(pattern=r"^[0-9]{8}([0-9]{3})?$")]
OktmoPrefix = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,11}$")]
Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2000, strip_whitespace=True),
    AfterValidator(_clean),
    AfterValidator(require_visible_text),
]
Code = Annotated[str, StringConstraints(min_length=1, max_length=128), AfterValidator(_clean)]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-4]):[0-5][0-9]$")]
Count = Annotated[StrictInt, Field(ge=0, le=1_000_000)]
Amount = Annotated[StrictInt, Field(ge=1, le=1_000_000)]


class TermBody(Body):
    """`{"days", "unit": "calendar_day|working_day"}`, `{"hours", "unit": "calendar_hour|working_hour"}` or
    `{"minutes"}`."""

    days: Amount | None = None
    hours: Amount | None = None
    minutes: Amount | None = None
    unit: Literal["calendar_day", "working_day", "calendar_hour", "working_hour", "minute"] | None = None

    def as_data(self) -> dict[str, object]:
        """The shape `terms.parse_term` reads."""
        return self.model_dump(exclude_none=True)


class PauseBody(Body):
    """The clock stood still in [from, to)."""

    model_config = ConfigDict(populate_by_name=True)

    since: Instant = Field(alias="from")
    until: Instant = Field(alias="to")


class PreviewBody(Body):
    """What to count. `municipality` (ОКТМО) chooses the zone where a region has several."""

    region: Region
    municipality: Municipality | None = None
    start: Instant
    term: TermBody
    weekend_rule: Literal["previous", "next", "none"] = "none"
    pauses: list[PauseBody] = Field(default_factory=list, max_length=366)


class Preview(BaseModel):
    """The result in the organisation's zone; `certain`: the transfers of the due year are decreed."""

    due_at: datetime
    due_on: date
    explanation: list[Step]
    certain: bool
