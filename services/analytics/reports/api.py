"""The analytical report: a file to read, print and send."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from fastapi.responses import Response

from chassis.db import Reading
from chassis.strict_routes import Router
from services.analytics.figures.api import AskedFilter, AsOf, KnownUntil, Store
from services.analytics.reports.queries.gathering import gather
from services.analytics.reports.rules import office
from services.analytics.reports.rules.composing import compose
from services.analytics.reports.rules.document import Report
from services.analytics.reports.rules.marked_text import render_markdown
from services.analytics.reports.rules.pages import render_page
from services.analytics.reports.schemas import Format

router = Router(prefix="/api/v1/analytics", tags=["analytics"])
MEDIA_TYPES: Final = {"docx": office.MEDIA_TYPE, "html": "text/html", "md": "text/markdown"}
_FILES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The report as a file, in the format that was asked for.",
        "content": {
            media: {"schema": {"type": "string", **({"format": "binary"} if form == "docx" else {})}}
            for form, media in MEDIA_TYPES.items()
        },
    }
}
# What a page may load or run: nothing, whoever wrote the names in it.
_CLOSED: Final = "default-src 'none'; style-src 'unsafe-inline'"


@router.get("/report", response_class=Response, responses=_FILES)
async def make_report(
    filters: AskedFilter,
    as_of: AsOf,
    known_until: KnownUntil,
    store: Store,
    session: Reading,
    format: Format = "docx",
) -> Response:
    """A report in Russian on a region, a municipality or an organisation over a period, beside the period before: headline
    figures, what grew and fell, fair comparisons, what is overdue, decisions; every figure with its definition and query."""
    report = compose(await gather(session, store, filters, as_of, known_until))
    content = await asyncio.to_thread(render, report, format)
    return file_of(content, format, "report")


def render(report: Report, format: str) -> bytes:
    """The bytes of a file."""
    if format == "docx":
        return office.render_document(report)
    return (render_page(report) if format == "html" else render_markdown(report)).encode()


def file_of(content: bytes, format: str, name: str) -> Response:
    """A file to show (pages) or to keep."""
    headers = {
        "Content-Disposition": f'{"inline" if format == "html" else "attachment"}; filename="{name}.{format}"',
        "Content-Security-Policy": _CLOSED,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=MEDIA_TYPES[format], headers=headers)
