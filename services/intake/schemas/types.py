"""Strings and instants that can be stored whatever a client sends."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, StringConstraints

from chassis.texts import require_something_seen
from contracts.territories import REGIONS

_SAYS_SOMETHING = r"^[^\x00]*[^\x00\s][^\x00]*$"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_NUL = r"^[^\x00]*$"


def _existing_region(code: str) -> str:
    if code not in REGIONS:
        raise ValueError("there is no such region")
    return code


def _sane_instant(at: datetime) -> datetime:
    if not 1900 <= at.year <= 2200:
        raise ValueError("the year must lie between 1900 and 2200")
    return at


def _since_1970(at: datetime) -> datetime:
    if at < EPOCH:
        raise ValueError("lies before 1970")
    return at


def _sane_date(day: date) -> date:
    if not 1900 <= day.year <= 2200:
        raise ValueError("the year must lie between 1900 and 2200")
    return day


AppealText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=10_000, pattern=_SAYS_SOMETHING),
    AfterValidator(require_something_seen),
]
Words = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2_000, pattern=_SAYS_SOMETHING),
    AfterValidator(require_something_seen),
]
Note = Annotated[str, StringConstraints(max_length=2_000, pattern=_NO_NUL)]
Line = Annotated[str, StringConstraints(max_length=500, pattern=_NO_NUL)]
ShortLine = Annotated[str, StringConstraints(max_length=254, pattern=_NO_NUL)]
ExternalId = Annotated[
    str,
    StringConstraints(min_length=1, max_length=255, pattern=_SAYS_SOMETHING),
    AfterValidator(require_something_seen),
]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$")]
Municipality = Annotated[str, StringConstraints(pattern=r"^\d{8}(\d{3})?$")]
RegionCode = Annotated[str, StringConstraints(pattern=r"^\d{2}$"), AfterValidator(_existing_region)]
Instant = Annotated[AwareDatetime, AfterValidator(_sane_instant)]
SentAt = Annotated[Instant, AfterValidator(_since_1970)]  # no system that sends appeals is older
Day = Annotated[date, AfterValidator(_sane_date)]
