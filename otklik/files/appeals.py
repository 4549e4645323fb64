"""Rows as appeals to be submitted."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from contracts.territories import REGIONS, find_zone
from otklik.files.moments import DateOrder, read_moment
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
OKTMO = re.compile(r"\d{8}(?:\d{3})?")


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

    def appeal_of(self, row: Row) -> dict[str, Any]:
        """The JSON object to submit; whether it is acceptable is for the server to say. RowError for a time that is none,
        FileError for one that may mean two."""
        values = {name: value for name, value in row.values.items() if not is_empty(value)}
        appeal: dict[str, Any] = {"text": values.get("text", ""), "region": self.region}
        appeal |= {name: as_sent(values[name]) for name in PLAIN if name in values}
        appeal |= {name: values[name] for name in NESTED if isinstance(values.get(name), dict | list)}
        appeal["region"] = two_digits(appeal["region"])
        self.keep_only_code(appeal, "topic", CODE)
        self.keep_only_code(appeal, "municipality", OKTMO)
        self.place(appeal, values)
        if "submitted_at" in appeal:
            moment = read_moment(appeal["submitted_at"], self.date_order)
            appeal["submitted_at"] = moment.within(zone_of(appeal["region"])).isoformat()
        appeal.setdefault("external_id", f"{self.prefix}-{row.number}")
        self.ignored.update(name for name in values if name not in UNDERSTOOD)
        return appeal

    def keep_only_code(self, appeal: dict[str, Any], name: str, pattern: re.Pattern[str]) -> None:
        """Leave out what is no code."""
        if name in appeal and not pattern.fullmatch(appeal[name]):
            del appeal[name]
            self.ignored[f"{name} (not a code)"] += 1

    def place(self, appeal: dict[str, Any], values: Mapping[str, Any]) -> None:
        """`lat` and `lon` as the location."""
        if not any(name in values for name in COORDINATES):
            return
        place = {name: _number(values.get(name)) for name in COORDINATES}
        if None in place.values():
            self.ignored["lat/lon (not numbers)"] += 1
        else:
            appeal["location"] = place


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
