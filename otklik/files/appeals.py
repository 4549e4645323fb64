"""Rows as appeals to be submitted."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from contracts.territories import REGIONS, find_zone
from otklik.files.cells import read_cells
from otklik.files.drafts import Draft
from otklik.files.errors import FileError, RowError
from otklik.files.moments import DateOrder, Moment, read_moment
from otklik.files.rows import Row

PLAIN = (
    "region",
    "municipality",
    "address",
    "channel",
    "regime",
    "external_id",
    "submitted_at",
    "topic",
    "complained_about",
)
NESTED = ("location", "applicant", "attachments")  # NDJSON only
COORDINATES = ("lat", "lon")
UNDERSTOOD = frozenset({"text", *PLAIN, *NESTED, *COORDINATES})
CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
OKTMO = re.compile(r"[0-9]{8}(?:[0-9]{3})?")


@dataclass
class Mapper:
    """Turns rows into appeals.

    Columns that bear a field's name become that field; `lat` and `lon` together become the location; all others are
    ignored. Names where a code is needed (a topic, a municipality) are ignored too. A time without an offset is
    taken as the region's local time. `external_id` is `<prefix>-<row>` where the row has none.
    """

    region: str
    prefix: str
    ignored: Counter[str] = field(default_factory=Counter)
    date_order: DateOrder | None = None
    required: ClassVar[str | None] = "text"

    def map_row(self, row: Row) -> Draft:
        """What to send. RowError for what is wrong with the row, FileError for a date that may mean two days or an id that
        has lost digits."""
        if row.error:
            raise RowError(row.error, russian=row.russian)
        try:
            return self.draft_of(row)
        except FileError as error:
            raise FileError(f"Row {row.number}: {error}") from None

    def check(self, draft: Draft, now: datetime) -> RowError | None:
        """Why the register would refuse it, as far as that is known beforehand."""
        return None

    def column_of(self, name: str) -> str:
        """The column that a field is read from, in the file's words."""
        return name

    def field_of(self, column: str) -> str | None:
        """The field that a column becomes; None for one that nobody reads."""
        return column if column in UNDERSTOOD else None

    def draft_of(self, row: Row) -> Draft:
        """The same for a row that could be read."""
        values = {name: value for name, value in row.values.items() if not is_empty(value)}
        plain = read_cells({name: as_sent(values[name]) for name in PLAIN if name in values})
        draft = Draft(plain)
        draft.others["text"] = values.get("text", "")
        draft.others |= {name: values[name] for name in NESTED if isinstance(values.get(name), dict | list)}
        self.keep_only_code(draft, "topic", CODE)
        self.complete(draft, row, values)
        if "submitted_at" in draft.texts:
            moment = read_field("submitted_at", draft.texts["submitted_at"], self.date_order)
            draft.texts["submitted_at"] = moment.within(zone_of(draft.region)).isoformat()
        self.count_ignored(row, UNDERSTOOD)
        return draft

    def complete(self, draft: Draft, row: Row, values: Mapping[str, Any]) -> None:
        """What every draft has, and where it is about: the location is read from `lat` and `lon` of `values`."""
        draft.texts["region"] = two_digits(draft.texts.get("region", self.region))
        draft.texts.setdefault("external_id", self.external_id_of(row.number))
        self.keep_only_code(draft, "municipality", OKTMO)
        if not values.keys().isdisjoint(COORDINATES):
            location = {name: _number(values.get(name)) for name in COORDINATES}
            if None in location.values():
                self.ignored["lat/lon (not numbers)"] += 1
            else:
                draft.others["location"] = location

    def external_id_of(self, row: int) -> str:
        """Of a row that has none of its own."""
        return f"{self.prefix}-{row}"

    def keep_only_code(self, draft: Draft, name: str, pattern: re.Pattern[str]) -> None:
        """Leave out what is no code."""
        if name in draft.texts and not pattern.fullmatch(draft.texts[name]):
            del draft.texts[name]
            self.ignored[f"{name} (not a code)"] += 1

    def count_ignored(self, row: Row, used: Set[str]) -> None:
        """Note the columns that the row has and nobody reads."""
        self.ignored.update(
            name for name, value in row.values.items() if name not in used and not is_empty(value)
        )


def read_field(name: str, text: str, order: DateOrder | None) -> Moment:
    """A field's moment; a RowError names the field."""
    try:
        return read_moment(text, order)
    except RowError as error:
        raise error.about(name) from None


def is_empty(value: Any) -> bool:
    """Whether a cell says nothing."""
    return value is None or (isinstance(value, str) and not value.strip())


def as_sent(value: Any) -> str:
    """A value as text; a whole number without a point."""
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    return str(value).strip()


def two_digits(region: str) -> str:
    """Spreadsheets turn 01 into 1."""
    return region.zfill(2) if region.isdecimal() else region


def _number(value: Any) -> float | None:
    try:
        number = float(str(value).strip().replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def zone_of(region: str) -> ZoneInfo | None:
    """The zone of a region; None for one that does not exist."""
    return ZoneInfo(find_zone(region)) if region in REGIONS else None
