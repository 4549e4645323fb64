"""Records of a workbook (XLSX and its like): the one sheet that has something in it, cells as a CSV file would have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from otklik.files.errors import FileError
from otklik.files.separated import Record

MOST_EXACT = 1e15
Cell = int | float | str | bool | time | date | datetime | timedelta


def read_sheet(path: Path) -> Iterator[Record]:
    """The records that are not blank, the header first."""
    try:
        with CalamineWorkbook.from_path(str(path)) as workbook:
            sheet = _only_sheet(path, workbook)
            merged = MergedCells(sheet)
            for number, cells in enumerate(sheet.iter_rows(), 1):
                texts = merged.fill(number, [text_of(cell) for cell in cells])
                if any(map(str.strip, texts)):
                    yield Record(number, texts)
    except CalamineError as error:
        raise FileError(
            f"{path} cannot be opened as a workbook ({error}). Is it damaged, or protected by a password? Save it anew as "
            "XLSX or as CSV."
        ) from None


class MergedCells:
    """Values that stand once for several rows: each of them has it. What is merged within a row has it in its first cell."""

    def __init__(self, sheet: CalamineSheet) -> None:
        across = sheet.start[1] if sheet.start else 0  # rows begin at the first column that holds something
        self._begin: dict[tuple[int, int], int] = {
            (top + 1, left - across): bottom + 1
            for (top, left), (bottom, _) in sheet.merged_cell_ranges or ()
            if bottom > top
        }
        self._lasting: dict[int, tuple[int, str]] = {}  # column → the last row, and the value until there

    def fill(self, number: int, texts: list[str]) -> list[str]:
        """The cells of a row (from 1), in their order; rows come one after the other."""
        if not self._begin:
            return texts
        for column, text in enumerate(texts):
            if last := self._begin.get((number, column)):
                self._lasting[column] = (last, text)
            elif not text and number <= self._lasting.get(column, (0, ""))[0]:
                texts[column] = self._lasting[column][1]
        return texts


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
    """Of more than 15 digits a workbook keeps only the first: it is shown that the rest is lost."""
    if abs(number) > MOST_EXACT:
        return f"{number:.14E}"
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
