"""Types of single values: whatever a client sends is checked before anything works with it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StrictInt, StringConstraints
from pydantic_core import PydanticCustomError

from chassis.texts import require_something_seen
from contracts.territories import REGIONS

_FIRST_YEAR, _LAST_YEAR = 1900, 2200


def _clean(value: str) -> str:
    if any(
        (ord(letter) < 32 and letter not in "\t\n\r") or 0xD800 <= ord(letter) <= 0xDFFF for letter in value
    ):
        raise ValueError("control characters are not allowed")
    return value


def _sane_instant(value: datetime) -> datetime:
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise ValueError(f"instants lie between {_FIRST_YEAR} and {_LAST_YEAR}")
    return value


def _sane_date(value: date) -> date:
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise ValueError(f"dates lie between {_FIRST_YEAR} and {_LAST_YEAR}")
    return value


def _text_only(value: Any) -> Any:
    """Numbers are no instants: RFC 3339 only."""
    if isinstance(value, int | float):
        raise PydanticCustomError("instant", "write it as RFC 3339 text")
    if isinstance(value, str) and not (10 <= len(value) <= 40 and value[4:5] == "-"):
        raise PydanticCustomError("instant", "write it as RFC 3339 text")
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
    AfterValidator(require_something_seen),
]
Code = Annotated[str, StringConstraints(min_length=1, max_length=128), AfterValidator(_clean)]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-4]):[0-5][0-9]$")]
Instant = Annotated[AwareDatetime, BeforeValidator(_text_only), AfterValidator(_sane_instant)]
Day = Annotated[date, BeforeValidator(_text_only), AfterValidator(_sane_date)]
Count = Annotated[StrictInt, Field(ge=0, le=1_000_000)]
ClockName = Literal["register", "forward", "react", "answer", "promise", "documents"]
StateName = Literal["running", "paused", "met", "breached", "cancelled"]
RegimeName = Literal["statutory", "message"]
