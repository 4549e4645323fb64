"""A report as one page: without scripts and with nothing from elsewhere, read by screen readers, fit to be printed."""

from __future__ import annotations

from html import escape
from typing import Final

from services.analytics.reports.rules.charts import draw_chart
from services.analytics.reports.rules.document import (
    Block,
    Chart,
    Column,
    Paragraph,
    Report,
    Section,
    Table,
    captioned,
)

_STYLE: Final = """
:root{color-scheme:light}body{font:16px/1.5 system-ui,"Segoe UI",Roboto,"PT Sans",sans-serif;color:#1a1a1a;background:#fff;
margin:0 auto;max-width:60rem;padding:1.5rem}h1{font-size:1.7rem;line-height:1.25;margin:0 0 .25rem}
h2{font-size:1.25rem;margin:2rem 0 .5rem;border-bottom:2px solid #1f5fa8;padding-bottom:.2rem}
.subtitle{color:#444;margin:0 0 1rem}.wide{overflow-x:auto}figure{margin:1rem 0}figcaption,caption{text-align:left;font-weight:600;
padding:.3rem 0}table{border-collapse:collapse;width:100%;margin:.75rem 0;font-size:.95rem}
th,td{border-bottom:1px solid #ccc;padding:.35rem .6rem;text-align:left;vertical-align:top}thead th{border-bottom:2px solid #666}
tbody th{font-weight:400}.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}.long{overflow-wrap:anywhere}
@media print{body{max-width:none;padding:0;font-size:10.5pt}h2{break-after:avoid}tr,figure{break-inside:avoid}
thead{display:table-header-group}@page{margin:18mm 15mm}}
""".replace("\n", "")


def render_page(report: Report) -> str:
    """HTML, whole."""
    sections = "".join(_section(each) for each in report.sections)
    return (
        '<!doctype html><html lang="ru"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(report.title)}</title><style>{_STYLE}</style></head><body><main><h1>{escape(report.title)}</h1>"
        f'<p class="subtitle">{escape(report.subtitle)}</p>{sections}</main></body></html>\n'
    )


def _section(section: Section) -> str:
    blocks = "".join(_block(each) for each in section.blocks)
    return f"<section><h2>{escape(section.heading)}</h2>{blocks}</section>"


def _block(block: Block) -> str:
    if isinstance(block, Paragraph):
        return f"<p>{escape(block.text)}</p>"
    if isinstance(block, Chart):
        return f"<figure><figcaption>{escape(captioned(block))}</figcaption>{draw_chart(block)}</figure>"
    return _table(block)


def _class(column: Column) -> str:
    return ' class="number"' if column.is_number else ' class="long"' if column.is_long else ""


def _table(table: Table) -> str:
    classes = [_class(column) for column in table.columns]
    head = "".join(
        f'<th scope="col"{kind}>{escape(column.name)}</th>'
        for column, kind in zip(table.columns, classes, strict=True)
    )
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td{kind}>{escape(cell)}</td>" for cell, kind in zip(row[1:], classes[1:], strict=True))
        + "</tr>"
        for row in table.rows
    )
    caption = escape(captioned(table))
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{caption}"><table><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
