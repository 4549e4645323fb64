"""Cells of a CSV as text: what a spreadsheet would take for a formula is made harmless, numbers are written as its reader
expects them."""

from __future__ import annotations

from typing import Final

from services.analytics.exports.rules.tables import Cell

# What spreadsheets begin formulas and commands with, full-width forms too (OWASP, CSV Injection).
_BEGINS_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BREAKS_CELL: Final = ("\t", "\r", "\n")
_QUOTE: Final = "'"


def neutralise(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would run it as a formula (OWASP, CSV Injection); as it is
    otherwise."""
    if text.startswith(_BREAKS_CELL) or text.lstrip().startswith(_BEGINS_FORMULA):
        return _QUOTE + text
    return text


def as_text(cell: Cell, decimal: str = ".") -> str:
    """A cell as it stands in a CSV; empty where there is nothing. Dates and instants are ISO 8601, flags `true` and `false`.

    `decimal`: what separates decimals.
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return neutralise(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return repr(cell).replace(".", decimal)
    return str(cell) if isinstance(cell, int) else cell.isoformat()
