"""Parquet: typed columns, and beside them what they mean, written by DuckDB from rows that lie on the disk."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Final

from services.analytics.exports.rules.tables import Cell, Kind, Table
from services.analytics.exports.schemas import FileStyle

_TYPES: Final[dict[Kind, str]] = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "date": "DATE",
    "moment": "TIMESTAMP WITH TIME ZONE",
    "flag": "BOOLEAN",
}
_MEMORY: Final = "128MB"


def write_parquet(table: Table, file: Path, style: FileStyle) -> None:
    """Columns of the table's types; the file's own metadata say what was asked (`about`) and what it means (`definition`)."""
    import duckdb  # loaded by who needs it: a process without a copy of the facts does without

    rows = file.with_suffix(".csv")
    with rows.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([_as_text(cell) for cell in row] for row in table.rows)
    names = [column.key if style.header == "keys" else column.name for column in table.columns]
    types = {name: _TYPES[column.kind] for name, column in zip(names, table.columns, strict=True)}
    columns = ", ".join(f"{_quoted(name)}: {_quoted(kind)}" for name, kind in types.items())
    described = {
        "about": dict(table.about),
        "definition": {each.key: each.definition for each in table.meanings},
    }
    metadata = ", ".join(
        f"{name}: {_quoted(json.dumps(value, ensure_ascii=False))}" for name, value in described.items()
    )
    configuration: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _MEMORY,
        "threads": 1,
        "temp_directory": str(file.parent / "spill"),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    with duckdb.connect(":memory:", config=configuration) as connection:
        connection.execute(
            f"COPY (SELECT * FROM read_csv({_quoted(str(rows))}, header = false, auto_detect = false, delim = ',', "
            f"quote = '\"', escape = '\"', nullstr = '', allow_quoted_nulls = false, columns = {{{columns}}})) "
            f"TO {_quoted(str(file))} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{metadata}}})"
        )


def _as_text(cell: Cell) -> str | int | float | None:
    """As DuckDB reads it: null is nothing."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return cell if cell is None or isinstance(cell, str | int | float) else cell.isoformat()


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
