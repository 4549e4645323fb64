"""Records of a workbook (XLSX and its like): the one sheet that has something in it, cells as a CSV file would have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from otklik.files.errors import FileError
from otklik.files.separated import Record

Cell = int | float | str | bool | time | date | datetime | timedelta


def read_sheet(path: Path) -> Iterator[Record]:
    """The records that are not blank, the header first."""
    try:
        with CalamineWorkbook.from_path(str(path)) as workbook:
            sheet = _only_sheet(path, workbook)
            for number, cells in enumerate(sheet.iter_rows(), 1):
                texts = [text_of(cell) for cell in cells]
                if any(map(str.strip, texts)):
                    yield Record(number, texts)
    except CalamineError as error:
        raise FileError(
            f"{path} cannot be opened as a workbook ({error}). Is it damaged, or protected by a password? Save it anew as "
            "XLSX or as CSV."
        ) from None


def _only_sheet(path: Path, workbook: CalamineWorkbook) -> CalamineSheet:
    sheets = [workbook.get_sheet_by_name(name) for name in workbook.sheet_names]
    filled = [sheet for sheet in sheets if sheet.height and sheet.width]
    if not filled:
        raise FileError(f"{path} is empty.")
    if len(filled) > 1:
        names = ", ".join(f"«{sheet.name}»" for sheet in filled)
        raise FileError(
            f"{path} has several sheets with something in them ({names}): which one is meant? Save it as a file of its own."
        )
    return filled[0]


def _number_as_text(number: float) -> str:
    return f"{number:.0f}" if number.is_integer() else repr(number)


_AS_TEXT: Mapping[type, Callable[[Any], str]] = {
    str: str,
    bool: lambda truth: str(truth).lower(),
    int: str,
    float: _number_as_text,
    datetime: lambda at: at.isoformat(" ", "seconds"),
    date: date.isoformat,
    time: time.isoformat,
    timedelta: str,
}


def text_of(cell: Cell) -> str:
    """A cell as text: whole numbers without a point, dates as ISO 8601."""
    return _AS_TEXT[type(cell)](cell)
