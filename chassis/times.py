"""Instants and days as clients write them: text only, for a number may be anything, and digits alone too."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator

from chassis.faults import Wording

_FIRST_YEAR, _LAST_YEAR = 1900, 2200


def _written(kind: type, pattern: re.Pattern[str], otherwise: str) -> BeforeValidator:
    """Takes text that is written like the pattern, and what has been read already."""

    def require(value: Any) -> Any:
        if isinstance(value, kind) or (isinstance(value, str) and pattern.fullmatch(value)):
            return value
        raise ValueError(otherwise)

    return BeforeValidator(require)


def _sane_year(value: Any) -> Any:
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        years = {"first": _FIRST_YEAR, "last": _LAST_YEAR}
        raise ValueError(Wording("the year must lie between {first} and {last}", years))
    return value


Instant = Annotated[
    AwareDatetime,
    _written(
        datetime,
        re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9Zz:.+-]{2,30}"),
        "write an instant as RFC 3339 text with its offset: 2026-11-25T09:30:00+03:00",
    ),
    AfterValidator(_sane_year),
]
Day = Annotated[
    date,
    _written(date, re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "write a day as YYYY-MM-DD"),
    AfterValidator(_sane_year),
]
