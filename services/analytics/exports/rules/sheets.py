"""Sheets of a workbook as XML, the part of SpreadsheetML (ECMA-376, part 1, 18) that a table needs: texts that are never
formulas or links, real numbers, dates and flags, a first row that stays in sight.

Written here and not by a library because that takes a tenth of the time, in which the process answers nobody else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Final, Literal
from xml.sax.saxutils import escape

from services.analytics.exports.rules.tables import Cell, Column, Kind

Style = Literal["plain", "bold", "date", "moment", "wrapped"]
_STYLES: Final[dict[Style, int]] = {"plain": 0, "bold": 1, "date": 2, "moment": 3, "wrapped": 4}
_OF_KINDS: Final[dict[Kind, Style]] = {"date": "date", "moment": "moment"}
_WIDTHS: Final[dict[Kind, int]] = {
    "text": 22,
    "integer": 12,
    "number": 14,
    "date": 12,
    "moment": 18,
    "flag": 10,
}
_DAY_ZERO: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - days of a workbook have no zone
_SECONDS: Final = 86_400
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TOP: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_FROZEN: Final = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'


def data_sheet(
    columns: Sequence[Column], names: Sequence[str], rows: Iterable[tuple[Cell, ...]], size: int
) -> Iterator[str]:
    """Pieces of the sheet of a table: `names` above its columns, every row, a filter over all."""
    letters = [letters_of(place) for place in range(len(columns))]
    styles = [_STYLES[_OF_KINDS.get(column.kind, "plain")] for column in columns]
    yield _head([_WIDTHS[column.kind] for column in columns], _FROZEN)
    bold = _STYLES["bold"]
    yield _row(1, (_cell(f"{letter}1", name, bold) for letter, name in zip(letters, names, strict=True)))
    for number, row in enumerate(rows, 2):
        cells = zip(letters, row, styles, strict=True)
        yield _row(
            number,
            (_cell(f"{letter}{number}", cell, style) for letter, cell, style in cells if cell is not None),
        )
    yield f'</sheetData><autoFilter ref="A1:{letters[-1]}{size + 1}"/></worksheet>'


def text_sheet(widths: Sequence[int], rows: Iterable[tuple[Style, Sequence[str]]]) -> Iterator[str]:
    """Pieces of a sheet of texts, each row in one style."""
    yield _head(widths)
    for number, (style, texts) in enumerate(rows, 1):
        cells = (
            _cell(f"{letters_of(place)}{number}", text, _STYLES[style]) for place, text in enumerate(texts)
        )
        yield _row(number, cells)
    yield "</sheetData></worksheet>"


def letters_of(place: int) -> str:
    """The name of a column, the first being 0: A, B, …, Z, AA, …"""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _head(widths: Sequence[int], pane: str = "") -> str:
    columns = "".join(
        f'<col min="{place}" max="{place}" width="{width}" customWidth="1"/>'
        for place, width in enumerate(widths, 1)
    )
    return (
        f'{_TOP}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
        f"<cols>{columns}</cols><sheetData>"
    )


def _row(number: int, cells: Iterable[str]) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell(reference: str, cell: Cell, style: int) -> str:
    at = f'<c r="{reference}" s="{style}"'
    if isinstance(cell, str):
        text = escape(_NOT_XML.sub(" ", cell))
        return f'{at} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    if isinstance(cell, bool):
        return f'{at} t="b"><v>{cell:d}</v></c>'
    return f"{at}><v>{days_of(cell) if isinstance(cell, date) else cell!r}</v></c>"


def days_of(moment: date) -> float:
    """Days since the end of 1899 by the clock on the wall, as workbooks count (ECMA-376, 18.17.4)."""
    if not isinstance(moment, datetime):
        return (moment - _DAY_ZERO.date()).days
    since = moment.replace(tzinfo=None) - _DAY_ZERO
    return since.days + since.seconds / _SECONDS


_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_OFFICE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def parts_around(sheets: Sequence[str]) -> dict[str, str]:
    """The other files of a workbook with sheets of these names, by their place in it; sheets are `xl/worksheets/sheet1.xml` …"""
    numbers = range(1, len(sheets) + 1)
    named = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in zip(numbers, sheets, strict=True)
    )
    related = "".join(_relation(number, "worksheet", f"worksheets/sheet{number}.xml") for number in numbers)
    styled = _relation(len(sheets) + 1, "styles", "styles.xml")
    typed = "".join(_override(f"/xl/worksheets/sheet{number}.xml", "worksheet") for number in numbers)
    kinds = f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{typed}'
    return {
        "[Content_Types].xml": f'{_TOP}<Types xmlns="{_PACKAGE}/content-types">{kinds}'
        f"{_override('/xl/workbook.xml', 'sheet.main')}{_override('/xl/styles.xml', 'styles')}</Types>",
        "_rels/.rels": _relations(_relation(1, "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'{_TOP}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{named}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(related + styled),
        "xl/styles.xml": _STYLE_SHEET,
    }


def _override(part: str, kind: str) -> str:
    return f'<Override PartName="{part}" ContentType="{_OFFICE}.{kind}+xml"/>'


def _relation(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'


def _relations(inside: str) -> str:
    return f'{_TOP}<Relationships xmlns="{_PACKAGE}/relationships">{inside}</Relationships>'


# The formats of cells (`cellXfs`) stand in the order of `_STYLES`.
_STYLE_SHEET: Final = f"""{_TOP}<styleSheet xmlns="{_MAIN}">
<numFmts count="2"><numFmt numFmtId="164" formatCode="dd\\.mm\\.yyyy"/><numFmt numFmtId="165" formatCode="dd\\.mm\\.yyyy\\ hh:mm"/></numFmts>
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>
<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>
<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""
