"""Workbooks: a sheet of the table, and one that says what the figures mean, what was asked, and up to when it is known. Rows go
to the disk one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile

from services.analytics.exports.rules.sheets import Style, data_sheet, parts_around, text_sheet
from services.analytics.exports.rules.tables import Table
from services.analytics.exports.schemas import FileStyle

_SHEETS: Final = ("Данные", "Определения")
_WIDTHS: Final = (34, 40, 16, 110)
_MEANINGS: Final = ("Ключ", "Название", "Единица", "Определение")


def write_xlsx(table: Table, file: Path, style: FileStyle) -> None:
    """The first sheet holds the table, the second its definitions."""
    names = [column.key if style.header == "keys" else column.name for column in table.columns]
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for place, text in parts_around(_SHEETS).items():
            archive.writestr(place, text)
        _write(archive, 1, data_sheet(table.columns, names, table.rows, table.size))
        _write(archive, 2, text_sheet(_WIDTHS, _definitions(table)))


def _write(archive: ZipFile, number: int, pieces: Iterable[str]) -> None:
    with archive.open(f"xl/worksheets/sheet{number}.xml", "w") as sheet:
        for piece in pieces:
            sheet.write(piece.encode())


def _definitions(table: Table) -> Iterator[tuple[Style, Sequence[str]]]:
    for pair in table.about:
        yield "wrapped", pair
    yield "plain", ()
    yield "bold", _MEANINGS
    for each in table.meanings:
        yield "wrapped", (each.key, each.name, each.unit, each.definition)
    yield "plain", ()
    yield "bold", ("Столбец", "Название")
    for column in table.columns:
        yield "wrapped", (column.key, column.name)
