"""Strings and instants that can be stored whatever a client sends."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, StringConstraints

from chassis.texts import require_visible_text
from chassis.times import Instant
from contracts.territories import REGIONS

_NOT_BLANK = r"^[^\x00]*[^\x00\s][^\x00]*$"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_NUL = r"^[^\x00]*$"


def _existing_region(code: str) -> str:
    if code not in REGIONS:
        raise ValueError("there is no such region")
    return code


def _since_1970(at: datetime) -> datetime:
    if at < EPOCH:
        raise ValueError("lies before 1970")
    return at


def not_blank(longest: int) -> StringConstraints:
    """Bounds of a text that has to say something, in characters; `VISIBLE` goes with them."""
    return StringConstraints(min_length=1, max_length=longest, pattern=_NOT_BLANK)


VISIBLE: Final = AfterValidator(require_visible_text)
AppealText = Annotated[str, not_blank(10_000), VISIBLE]
Words = Annotated[str, not_blank(2_000), VISIBLE]
Note = Annotated[str, StringConstraints(max_length=2_000, pattern=_NO_NUL)]
Line = Annotated[str, StringConstraints(max_length=500, pattern=_NO_NUL)]
ShortLine = Annotated[str, StringConstraints(max_length=254, pattern=_NO_NUL)]
ExternalId = Annotated[str, not_blank(255), VISIBLE]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$")]
Municipality = Annotated[str, StringConstraints(pattern=r"^[0-9]{8}([0-9]{3})?$")]
RegionCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$"), AfterValidator(_existing_region)]
SentAt = Annotated[Instant, AfterValidator(_since_1970)]  # no system that sends appeals is older
