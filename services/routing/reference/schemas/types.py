"""Strings, numbers and days that can be stored whatever a client sends."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from chassis.faults import Wording
from chassis.texts import require_visible_text
from contracts.routing import RedirectReason
from contracts.territories import REGIONS

_NOT_BLANK = r"^[^\x00]*[^\x00\s][^\x00]*$"
_NO_NUL = r"^[^\x00]*$"


def _existing_region(code: str) -> str:
    if code not in REGIONS:
        raise ValueError("there is no such region")
    return code


def _with_underscores(code: object) -> object:
    return code.replace("-", "_") if isinstance(code, str) else code


Words = Annotated[
    str,
    StringConstraints(min_length=1, max_length=10_000, pattern=_NOT_BLANK),
    AfterValidator(require_visible_text),
]
ShortWords = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2_000, pattern=_NOT_BLANK),
    AfterValidator(require_visible_text),
]
Note = Annotated[str, StringConstraints(max_length=2_000, pattern=_NO_NUL)]
Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500, pattern=_NOT_BLANK),
    AfterValidator(require_visible_text),
]
ExternalRef = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100, pattern=_NOT_BLANK),
    AfterValidator(require_visible_text),
]
Stem = Annotated[str, StringConstraints(max_length=100, pattern=_NO_NUL)]
# What is judged only later: text that can be kept at all, half surrogates and NUL excluded.
AnyText = Annotated[str, StringConstraints(max_length=20_000, pattern=_NO_NUL)]
Token = Annotated[str, StringConstraints(max_length=200, pattern=_NO_NUL)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$")]
# Hyphens are taken for underscores: clients of an older contract send them.
ReasonCode = Annotated[RedirectReason, BeforeValidator(_with_underscores)]
Municipality = Annotated[str, StringConstraints(pattern=r"^[0-9]{8}([0-9]{3})?$")]
RegionCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$"), AfterValidator(_existing_region)]
Attachments = Annotated[list[UUID], Field(max_length=10)] | None
LeaseSeconds = Annotated[int, Field(ge=10, le=3600)]
Share = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]


PRECISIONS: Final = (0.80, 0.90, 0.95)  # for which models keep thresholds


def _known_precision(value: float) -> float:
    if value not in PRECISIONS:
        raise ValueError(Wording("must be one of {known}", {"known": ", ".join(map(str, PRECISIONS))}))
    return value


Precision = Annotated[float, AfterValidator(_known_precision)]
