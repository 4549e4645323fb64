"""Small workbooks (XLSX), written by hand."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DAY, MOMENT = 1, 2  # styles
Cell = str | int | float | bool | tuple[int, float] | None  # a tuple: style and number


def workbook(*sheets: Sequence[Sequence[Cell]]) -> bytes:
    """A workbook with these sheets."""
    return _packed([_sheet(rows) for rows in sheets])


def merged_workbook(rows: Sequence[Sequence[Cell]], merged: Sequence[str]) -> bytes:
    """A workbook of one sheet with merged cells, "A1:K1"."""
    cells = "".join(f'<mergeCell ref="{place}"/>' for place in merged)
    sheet = _sheet(rows)
    if merged:
        sheet = sheet.replace("</worksheet>", f"<mergeCells>{cells}</mergeCells></worksheet>")
    return _packed([sheet])


def _packed(sheets: Sequence[str]) -> bytes:
    numbers = range(1, len(sheets) + 1)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>',
        "_rels/.rels": _links("officeDocument", {"rId1": "xl/workbook.xml"}),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets>'
        + "".join(f'<sheet name="Лист{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _links(
            "worksheet", {f"rId{n}": f"worksheets/sheet{n}.xml" for n in numbers}
        ),
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" '
        'formatCode="dd.mm.yyyy hh:mm"/></numFmts><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/>'
        '<xf numFmtId="164"/></cellXfs></styleSheet>',
    }
    styles = f'<Relationship Id="s" Type="{LINKS}/styles" Target="styles.xml"/></Relationships>'
    parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(
        "</Relationships>", styles
    )
    for number, sheet in zip(numbers, sheets, strict=True):
        parts[f"xl/worksheets/sheet{number}.xml"] = sheet
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{content}')
    return packed.getvalue()


def _links(kind: str, targets: dict[str, str]) -> str:
    links = "".join(
        f'<Relationship Id="{id}" Type="{LINKS}/{kind}" Target="{to}"/>' for id, to in targets.items()
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'


def _sheet(rows: Sequence[Sequence[Cell]]) -> str:
    lines = (
        f'<row r="{line}">' + "".join(_cell(line, place, cell) for place, cell in enumerate(cells)) + "</row>"
        for line, cells in enumerate(rows, 1)
    )
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def _cell(line: int, place: int, cell: Cell) -> str:
    at = f"{chr(ord('A') + place)}{line}"
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
    if isinstance(cell, bool):
        return f'<c r="{at}" t="b"><v>{int(cell)}</v></c>'
    style, number = cell if isinstance(cell, tuple) else (0, cell)
    return f'<c r="{at}" s="{style}"><v>{number}</v></c>'
