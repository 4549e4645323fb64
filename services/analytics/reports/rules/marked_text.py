"""A report as Markdown, for messengers and wikis."""

from __future__ import annotations

import re
from typing import Final

from services.analytics.reports.rules.document import (
    Block,
    Chart,
    Paragraph,
    Report,
    Table,
    captioned,
    chart_table,
)

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|~])")


def render_markdown(report: Report) -> str:
    """The whole; names are never taken for marks."""
    parts = [f"# {_plain(report.title)}", _plain(report.subtitle)]
    for section in report.sections:
        parts.append(f"## {_plain(section.heading)}")
        parts += [_block(each) for each in section.blocks]
    return "\n\n".join(parts) + "\n"


def _block(block: Block) -> str:
    if isinstance(block, Paragraph):
        return _plain(block.text)
    return _table(chart_table(block) if isinstance(block, Chart) else block)


def _table(table: Table) -> str:
    marks = ["---:" if column.is_number else ":---" for column in table.columns]
    lines = [[column.name for column in table.columns], *table.rows]
    head, *body = (f"| {' | '.join(_plain(cell) for cell in row)} |" for row in lines)
    return "\n".join((f"**{_plain(captioned(table))}**", "", head, f"| {' | '.join(marks)} |", *body))


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.splitlines()))
