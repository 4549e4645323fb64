"""Instants and days as clients write them: text only, for a number may be anything, and digits alone too."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator

_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_WRITTEN_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WRITTEN_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9Zz:.+-]{2,30}")


def _written_as_instant(value: Any) -> Any:
    if isinstance(value, datetime) or (isinstance(value, str) and _WRITTEN_INSTANT.fullmatch(value)):
        return value
    raise ValueError("write an instant as RFC 3339 text with its offset: 2026-11-25T09:30:00+03:00")


def _written_as_day(value: Any) -> Any:
    if isinstance(value, date) or (isinstance(value, str) and _WRITTEN_DAY.fullmatch(value)):
        return value
    raise ValueError("write a day as YYYY-MM-DD")


def _sane_year(value: Any) -> Any:
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise ValueError(f"the year must lie between {_FIRST_YEAR} and {_LAST_YEAR}")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_written_as_instant), AfterValidator(_sane_year)]
Day = Annotated[date, BeforeValidator(_written_as_day), AfterValidator(_sane_year)]
