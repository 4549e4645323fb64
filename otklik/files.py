"""Appeals from CSV and NDJSON files, read row by row."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import math
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from contracts.territories import REGIONS, find_zone

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
GZIP = b"\x1f\x8b"
LONGEST_FIELD = 16 * 1024 * 1024


class FileError(ValueError):
    """The file as a whole cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Row:
    """One record of a file, numbered from 1: its values by column, or what is wrong with it."""

    number: int
    values: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""


def read_rows(path: Path, required: str | None = "text") -> Iterator[Row]:
    """The records of a CSV (header; `,` `;` or tab) or NDJSON file in UTF-8, with or without a byte order mark, packed
    by gzip or not.

    Column names are lower-cased and trimmed. Raises FileError when the file as a whole is not readable or a CSV has no
    column `required`; a line of an NDJSON file that is no object comes as a row with an error.
    """
    with _opened(path) as file:
        try:
            first = _first_line(file)
            if not first:
                raise FileError(f"{path} is empty.")
            is_ndjson = first.lstrip().startswith("{")
            yield from _read_ndjson(file) if is_ndjson else _read_csv(file, first, path, required)
        except UnicodeDecodeError:
            raise FileError(
                f"{path} is not UTF-8. Convert it, e.g. `iconv -f cp1251 -t utf-8 {path.name} > utf8.csv`."
            ) from None
        except (gzip.BadGzipFile, EOFError, zlib.error):
            raise FileError(f"{path} is a damaged gzip file.") from None
        except csv.Error as error:
            raise FileError(f"{path} is not a readable CSV file: {error}.") from None


def _first_line(file: io.TextIOWrapper) -> str:
    """The first line that is not blank; the file is at its start again."""
    first = file.readline()
    while first and not first.strip():
        first = file.readline()
    file.seek(0)
    return first


@contextmanager
def _opened(path: Path) -> Iterator[io.TextIOWrapper]:
    try:
        raw = path.open("rb")
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from None
    with raw:
        mark = raw.read(2)
        raw.seek(0)
        if mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            raise FileError(f"{path} is UTF-16. Save it as UTF-8.")
        packed = gzip.GzipFile(fileobj=raw) if mark == GZIP else raw
        # newline="" leaves line ends inside quoted fields as they are.
        yield io.TextIOWrapper(packed, encoding="utf-8-sig", newline="")


def _read_csv(file: io.TextIOWrapper, header: str, path: Path, required: str | None) -> Iterator[Row]:
    csv.field_size_limit(LONGEST_FIELD)
    delimiter = _delimiter_of(header)
    reader = csv.reader(file, delimiter=delimiter)
    names: list[str] = []
    number = 0
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if not names:
            names = [cell.strip().lower() for cell in cells]
            if required is not None and required not in names:
                found = ", ".join(names[:10])
                raise FileError(f"{path} has no column `{required}` in its first line (found: {found}).")
            continue
        number += 1
        if any(cell.strip() for cell in cells[len(names) :]):
            # Reading on would cut the text at a comma somebody forgot to quote.
            error = f"has {len(cells)} values under {len(names)} columns; is a value with `{delimiter}` not quoted?"
            yield Row(number, error=error)
        else:
            yield Row(number, dict(zip(names, cells, strict=False)))


def _delimiter_of(header: str) -> str:
    """The candidate that stands most often in the header, outside quotes."""
    bare = re.sub(r'"(?:[^"]|"")*"', "", header)
    return max(",;\t", key=bare.count)


def _read_ndjson(file: io.TextIOWrapper) -> Iterator[Row]:
    number = 0
    for line in file:
        if not line.strip():
            continue
        number += 1
        try:
            values = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Row(number, error=f"is not JSON ({error})")
            continue
        if not isinstance(values, dict):
            yield Row(number, error="is not a JSON object")
            continue
        yield Row(number, {str(name).strip().lower(): value for name, value in values.items()})


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
    required: ClassVar[str | None] = "text"

    def appeal_of(self, row: Row) -> dict[str, Any]:
        """The JSON object to submit; whether it is acceptable is for the server to say."""
        values = {name: value for name, value in row.values.items() if not is_empty(value)}
        appeal: dict[str, Any] = {"text": values.get("text", ""), "region": self.region}
        appeal |= {name: as_sent(values[name]) for name in PLAIN if name in values}
        appeal |= {name: values[name] for name in NESTED if isinstance(values.get(name), dict | list)}
        appeal["region"] = two_digits(appeal["region"])
        self.keep_only_code(appeal, "topic", CODE)
        self.keep_only_code(appeal, "municipality", OKTMO)
        self.place(appeal, values)
        if "submitted_at" in appeal:
            appeal["submitted_at"] = with_offset(appeal["submitted_at"], zone_of(appeal["region"]))
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
    """A value as text."""
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


def with_offset(moment: str, zone: ZoneInfo | None) -> str:
    """RFC 3339 for what fromisoformat understands, in `zone` if it has no offset; everything else as it is."""
    try:
        read = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    if read.tzinfo is None and zone is not None:
        read = read.replace(tzinfo=zone)
    return read.isoformat()
