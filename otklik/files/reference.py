"""A region's reference data as a folder of CSV files: one table a file, read strictly, written so that it is read the same."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from otklik.files.errors import FileError
from otklik.files.refusals import Refusals
from otklik.files.rows import Row, read_rows

Value = str | int | float | bool | list[str] | None
TableRow = dict[str, Value]
_TERMS: Final = ("position", "valid_from", "valid_to", "season_from", "season_to", "service")
# Tables in the order in which they are read, each with its columns; the first one has to be there.
TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "groups": ("code", "name"),
    "topics": ("code", "name", "group", "active"),
    "organisations": ("code", "name", "kind", "parent", "municipality", "active"),
    "municipalities": ("oktmo", "name", "kind", "stems", "population"),
    "settlements": (
        *("code", "name", "kind", "municipality", "oktmo", "formation"),
        *("lat", "lon", "population", "aliases", "namesakes"),
    ),
    "streets": ("settlement", "name"),
    "rules": ("organisation", "topic", "group", "municipality", "role", "comment", "active", *_TERMS),
    "service_areas": (
        "organisation",
        "service",
        "municipality",
        "settlement",
        "street",
        "houses",
        "valid_from",
        "valid_to",
        "comment",
    ),
}
SEPARATOR: Final = "|"  # between the values of a list
LISTS: Final = frozenset({"stems", "aliases", "houses"})
NUMBERS: Final = frozenset({"position", "population"})
DEGREES: Final = frozenset({"lat", "lon"})
TRUTHS: Final = frozenset({"active", "namesakes"})
_TRUE: Final = {
    "true": True,
    "1": True,
    "да": True,
    "yes": True,
    "false": False,
    "0": False,
    "нет": False,
    "no": False,
}


@dataclass
class ReferenceFolder:
    """The tables that a folder has, each with its rows in order; rows that cannot be read are named by file."""

    tables: dict[str, list[TableRow]] = field(default_factory=dict)
    refusals: dict[str, Refusals] = field(default_factory=dict)

    def refuse(self, table: str, row: int, reason: str) -> None:
        """Note what is wrong with a row, numbered from 1 after the header."""
        self.refusals.setdefault(table, Refusals()).add(row, None, reason)

    def refusal_lines(self) -> Iterator[str]:
        """What is wrong, file by file."""
        for table, refusals in self.refusals.items():
            yield from refusals.lines(f"{table}.csv, row {{refusal.row}}: {{refusal.reason}}")


def read_folder(folder: Path) -> ReferenceFolder:
    """The tables of a folder; FileError where it has none, or one is faulty as a whole."""
    found = ReferenceFolder()
    for table, columns in TABLES.items():
        path = folder / f"{table}.csv"
        if path.exists():
            found.tables[table] = [row for row in _read_table(path, table, columns, found) if row]
    if not found.tables:
        names = ", ".join(f"{table}.csv" for table in TABLES)
        raise FileError(f"{folder} holds no reference data. Files are called {names}.")
    return found


def _read_table(
    path: Path, table: str, columns: Sequence[str], found: ReferenceFolder
) -> Iterator[TableRow | None]:
    for row in read_rows(path, columns[0]):
        _require_known_columns(path, row, columns)
        try:
            yield _read_row(row)
        except ValueError as error:
            found.refuse(table, row.number, str(error))


def _require_known_columns(path: Path, row: Row, columns: Sequence[str]) -> None:
    unknown = [name for name in row.values if name not in columns]
    if unknown:
        raise FileError(
            f"{path} has a column `{unknown[0]}` that means nothing here. Its columns are: {', '.join(columns)}."
        )


def _read_row(row: Row) -> TableRow:
    if row.error:
        raise ValueError(row.error)
    return {name: _read_value(name, str(text)) for name, text in row.values.items()}


def _read_value(name: str, text: str) -> Value:
    if not text.strip():
        return False if name == "namesakes" else [] if name in LISTS else None
    if name in LISTS:
        return [part for part in text.split(SEPARATOR) if part.strip()]
    if name in NUMBERS:
        return _read_number(name, text)
    if name in DEGREES:
        return _read_degrees(name, text)
    if name in TRUTHS:
        return _read_truth(name, text)
    return text


def _read_number(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"has a `{name}` that is no whole number") from None


def _read_degrees(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"has a `{name}` that is no number of degrees") from None


def _read_truth(name: str, text: str) -> bool:
    try:
        return _TRUE[text.strip().lower()]
    except KeyError:
        raise ValueError(f"has a `{name}` that is neither true nor false") from None


def write_folder(folder: Path, tables: Mapping[str, Sequence[Mapping[str, object]]]) -> dict[str, int]:
    """Write every table that has rows; how many rows each has. What a file of an earlier export says is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    written = {table: rows for table in TABLES if (rows := tables.get(table, ()))}
    for table in TABLES:
        path = folder / f"{table}.csv"
        if table in written:
            _write_table(path, TABLES[table], written[table])
        else:
            path.unlink(missing_ok=True)
    return {table: len(rows) for table, rows in written.items()}


def _write_table(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_write_value(row.get(column)) for column in columns] for row in rows)


def _write_value(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        if any(SEPARATOR in str(part) for part in value):
            raise FileError(f"A list holds `{SEPARATOR}`, which separates its values in a file: {value}.")
        return SEPARATOR.join(map(str, value))
    return str(value)
