"""Dates and times as files have them. What may mean two days is never guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from otklik.files.errors import FileError, RowError

DateOrder = Literal["dmy", "mdy", "excel"]
FIRST_YEAR, LAST_YEAR = 1900, 2200
_TIME = (
    r"(?:(?:[ T]|, ?)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?(?: ?(?P<offset>[Zz]|[+-]\d{2}:?\d{2}))?)?"
)
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})([-./])(?P<month>\d{1,2})\2(?P<day>\d{1,2})" + _TIME)
_DOTTED = re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})(?: ?г\.?)?" + _TIME)
_DAY_FIRST = re.compile(r"(?P<day>\d{1,2})([-/])(?P<month>\d{1,2})\2(?P<year>\d{4})" + _TIME)
_MONTH_FIRST = re.compile(r"(?P<month>\d{1,2})([-/])(?P<day>\d{1,2})\2(?P<year>\d{4})" + _TIME)
_FORMS: Mapping[DateOrder | None, tuple[re.Pattern[str], ...]] = {
    None: (_YEAR_FIRST, _DOTTED),
    "dmy": (_YEAR_FIRST, _DOTTED, _DAY_FIRST),
    "mdy": (_YEAR_FIRST, _DOTTED, _MONTH_FIRST),
    "excel": (_YEAR_FIRST, _DOTTED),
}
_SHORT_YEAR = re.compile(r"\d{1,2}[-./]\d{1,2}[-./]\d{2}(?!\d).*")
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?")
# Day 0 of a workbook's own count; right from March 1900 on, before which nothing that is read here lies.
_DAY_NOUGHT = datetime(1899, 12, 30)  # noqa: DTZ001 – its zone comes later


@dataclass(frozen=True)
class Moment:
    """A point of time as written; `whole_day`: no time of day was. Without an offset `at` is naive."""

    at: datetime
    whole_day: bool

    def within(self, zone: ZoneInfo | None) -> datetime:
        """In `zone`, if it has no offset of its own."""
        return self.at.replace(tzinfo=zone) if self.at.tzinfo is None else self.at


class AmbiguousDate(FileError):
    """Day or month may come first, and nobody said which."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"`{text}` may mean two days. Say which number comes first: `--date-format dmy` (day) or `--date-format mdy` "
            "(month)."
        )


@lru_cache(maxsize=10_000)  # a file has many rows and few days
def read_moment(text: str, order: DateOrder | None = None) -> Moment:
    """ISO 8601 (year first), or day.month.year; with slashes or dashes only in the `order` that was given.

    Digits alone are no date, unless `excel` says that they are days as a workbook counts them. Raises RowError for what is none, AmbiguousDate where the order would have to be guessed.
    """
    for form in _FORMS[order]:
        if found := form.fullmatch(text):
            return _moment(text, found)
    if order == "excel" and _SERIAL.fullmatch(text):
        return _moment_of_serial(text)
    if _DAY_FIRST.fullmatch(text):
        raise AmbiguousDate(text)
    raise _no_date(text)


def _moment_of_serial(text: str) -> Moment:
    """A workbook's count of days since the end of 1899, with a part of a day behind the comma; to the second."""
    days, _, part = text.replace(",", ".").partition(".")
    seconds = round(float(f"0.{part or 0}") * 86_400)
    return Moment(_DAY_NOUGHT + timedelta(days=int(days), seconds=seconds), not part)


def _no_date(text: str) -> RowError:
    if _SHORT_YEAR.fullmatch(text):
        return RowError(
            f"has `{text}` for a date: write the year with four digits",
            russian=f"«{text}»: год надо записать четырьмя цифрами",
        )
    if _SERIAL.fullmatch(text):
        return RowError(
            f"has `{text}` for a date: if days are counted as Excel does, say so: `--date-format excel`",
            russian=f"«{text}»: число вместо даты; если это дни по счёту Excel, укажите --date-format excel",
        )
    return RowError(
        f"has `{text[:60]}` for a date: write 2026-02-01 or 01.02.2026, with 10:05 behind it if it is known",
        russian=f"«{text[:60]}»: это не дата; нужна запись вида 01.02.2026 или 01.02.2026 10:05",
    )


def _moment(text: str, found: re.Match[str]) -> Moment:
    parts = found.groupdict("0")
    year, hour = int(parts["year"]), int(parts["hour"])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise RowError(
            f"has `{text}` for a date: the year must lie between {FIRST_YEAR} and {LAST_YEAR}",
            russian=f"«{text}»: год должен быть между {FIRST_YEAR} и {LAST_YEAR}",
        )
    if found["half"]:
        if not 1 <= hour <= 12:
            raise RowError(
                f"has `{text}` for a date: there is no such hour", russian=f"«{text}»: такого часа не бывает"
            )
        hour = hour % 12 + 12 * (found["half"] in "Pp")
    day = (year, int(parts["month"]), int(parts["day"]))
    clock = (hour, int(parts["minute"]), int(parts["second"]), int(parts["fraction"].ljust(6, "0")[:6]))
    try:
        at = datetime(*day, *clock)  # noqa: DTZ001 – its zone comes later
        if found["offset"]:
            at = at.replace(tzinfo=datetime.strptime(found["offset"].upper(), "%z").tzinfo)
    except ValueError:
        raise RowError(
            f"has `{text}` for a date: there is no such day or time",
            russian=f"«{text}»: такого дня или времени не бывает",
        ) from None
    return Moment(at, found["hour"] is None)
