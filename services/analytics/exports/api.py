"""Figures and depersonalised appeals as files."""

from __future__ import annotations

import os
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.responses import StreamingResponse

from chassis.resources import resources_in
from chassis.strict_routes import Router
from services.analytics.exports.actions import make_file, pieces_of, turn
from services.analytics.exports.actions.tables import read_table
from services.analytics.exports.rules.naming import FileFormat, disposition
from services.analytics.exports.schemas import AskedFigures, FileStyle, read_figures, read_style
from services.analytics.figures.api import AskedFilter, AsOf, KnownUntil, Store
from services.analytics.resources import AnalyticsResources

router = Router(prefix="/api/v1/analytics", tags=["analytics"])
_MEDIA_TYPES: Final[dict[FileFormat, str]] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
_TEXT: Final = {"schema": {"type": "string", "examples": ["topic,received\nroad-potholes-town,12\n"]}}
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The file, under a name that says what it holds.",
        "content": {
            media.partition(";")[0]: _TEXT if form == "csv" else _BINARY
            for form, media in _MEDIA_TYPES.items()
        },
    }
}


@router.get("/export", response_class=StreamingResponse, responses=_ANSWERS)
async def export(
    request: Request,
    filters: AskedFilter,
    as_of: AsOf,
    known_until: KnownUntil,
    store: Store,
    asked: Annotated[AskedFigures, Depends(read_figures)],
    style: Annotated[FileStyle, Depends(read_style)],
) -> StreamingResponse:
    """Figures as a file, a row for each value, with the numbers that the operation of that name answers; or, with
    `figures=appeals`, one row for each appeal without personal data: where, about what and when, as far as at least four others share it."""
    resources = resources_in(request.app, AnalyticsResources)
    async with turn(resources.export_turns):
        table = await read_table(store, filters, asked, as_of, known_until)
        file = await make_file(table, style, resources.settings.exports_folder)
    headers = {
        "Content-Disposition": disposition(asked.kind, asked.details, filters, style.format),
        "Content-Length": str(os.fstat(file.fileno()).st_size),
    }
    return StreamingResponse(pieces_of(file), media_type=_MEDIA_TYPES[style.format], headers=headers)
