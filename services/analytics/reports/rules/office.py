"""A report as a document of an office suite (DOCX). The library is loaded when the first one is asked for."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Final

from services.analytics.reports.rules.document import Chart, Paragraph, Report, Table, captioned, chart_table

if TYPE_CHECKING:
    from docx.document import Document

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# What XML 1.0 cannot hold at all.
_IMPOSSIBLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def render_document(report: Report) -> bytes:
    """The file. Headings, tables with repeated heads, numbers to the right."""
    from docx import Document as new_document

    document = new_document()
    document.core_properties.title = _clean(report.title)[:255]
    document.core_properties.language = "ru-RU"
    document.core_properties.author = ""
    document.core_properties.comments = ""
    document.add_heading(_clean(report.title), level=0)
    document.add_paragraph(_clean(report.subtitle))
    for section in report.sections:
        document.add_heading(_clean(section.heading), level=1)
        for block in section.blocks:
            if isinstance(block, Paragraph):
                document.add_paragraph(_clean(block.text))
            else:
                _add_table(document, chart_table(block) if isinstance(block, Chart) else block)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _add_table(document: Document, table: Table) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.shared import Pt

    caption = document.add_paragraph(_clean(captioned(table)))
    caption.paragraph_format.keep_with_next = True
    caption.runs[0].bold = True
    made = document.add_table(rows=1 + len(table.rows), cols=len(table.columns), style="Table Grid")
    texts = [[column.name for column in table.columns], *table.rows]
    for number, (row, cells) in enumerate(zip(made.rows, texts, strict=True)):
        for cell, text, column in zip(row.cells, cells, table.columns, strict=True):
            paragraph = cell.paragraphs[0]
            run = paragraph.add_run(_clean(text))
            run.font.size, run.bold = Pt(9), number == 0
            if column.is_number:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    repeated = OxmlElement("w:tblHeader")
    made.rows[0]._tr.get_or_add_trPr().append(repeated)
    document.add_paragraph()


def _clean(text: str) -> str:
    return _IMPOSSIBLE.sub("", text)
