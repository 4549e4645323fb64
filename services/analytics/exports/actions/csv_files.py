"""CSV: RFC 4180 in UTF-8, with a byte order mark so that spreadsheets know."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from services.analytics.exports.rules.cells import as_text
from services.analytics.exports.rules.tables import Table
from services.analytics.exports.schemas import FileStyle, Separator

_SEPARATORS: Final[Mapping[Separator, str]] = {"comma": ",", "semicolon": ";", "tab": "\t"}


def write_csv(table: Table, file: Path, style: FileStyle) -> None:
    """Header and rows. With semicolons decimals have a comma, as Excel reads them in Russia: it takes 1.5 for the first of May."""
    decimal = "," if style.separator == "semicolon" else "."
    with file.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.writer(opened, delimiter=_SEPARATORS[style.separator])
        writer.writerow(
            [getattr(column, "key" if style.header == "keys" else "name") for column in table.columns]
        )
        writer.writerows([as_text(cell, decimal) for cell in row] for row in table.rows)
