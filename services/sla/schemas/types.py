"""Types of single values: whatever a client sends is checked before anything works with it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictInt, StringConstraints

from chassis.texts import require_visible_text
from contracts.territories import REGIONS


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
ClockName = Literal["register", "forward", "react", "answer", "promise", "documents"]
StateName = Literal["running", "paused", "met", "breached", "cancelled"]
RegimeName = Literal["statutory", "message"]
