"""HTTP: what happens, passed on to a page that is open; and files to take away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Final, Literal

import httpx2
from fastapi import APIRouter, Header, Query
from fastapi.responses import Response, StreamingResponse

from web.errors import NoSuchPage
from web.platform.client import Platform
from web.platform.problems import SessionOver, Unreachable
from web.room.asking import region_for, today_of
from web.room.rules import Subject
from web.room.screens import Asked
from web.room.visitors import RoomVisit

router = APIRouter()
# The browser asks again by itself: at once after a token has ended, a little later where nobody answered.
_SOON: Final = b"retry: 1000\n\n"
_LATER: Final = b"retry: 5000\n\n"
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}


@router.get("/room/stream")
async def pass_on(
    who: RoomVisit,
    region: Annotated[str, Query(max_length=2)] = "",
    last: Annotated[str, Header(alias="Last-Event-ID", max_length=2000)] = "",
) -> StreamingResponse:
    """The platform's stream with the session's token, which a browser cannot send; it ends with the tab or with the token."""
    found = region_for(who.person, region)
    return StreamingResponse(
        _events(who.platform, found, last), media_type="text/event-stream", headers=_HEADERS
    )


async def _events(platform: Platform, region: str, last: str) -> AsyncIterator[bytes]:
    yield _SOON
    try:
        async with (
            platform.listen("/analytics/stream", {"region": region}, last) as answer,
            aclosing(answer.aiter_bytes()) as pieces,
        ):
            async for piece in pieces:
                yield piece
    except (Unreachable, httpx2.HTTPError):
        yield _LATER
    except SessionOver:
        return


@router.get("/room/report")
async def take_report(
    who: RoomVisit, subject: Asked, format: Literal["docx", "html", "md"] = "docx"
) -> Response:
    """The report of what a screen shows, as a file."""
    return await _take(who.platform, "/analytics/report", subject, f"otklik-spravka.{format}", format)


@router.get("/room/export")
async def take_export(
    who: RoomVisit, subject: Asked, format: Literal["csv", "xlsx", "parquet"] = "xlsx"
) -> Response:
    """The figures of what a screen shows, for tables."""
    return await _take(who.platform, "/analytics/export", subject, f"otklik.{format}", format)


async def _take(platform: Platform, path: str, subject: Subject, name: str, format: str) -> Response:
    if not subject.region:
        raise NoSuchPage
    filters = subject.filters(today_of(subject.region))
    answer = await platform.download(path, {**filters, "format": format})
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    media_type = answer.headers.get("Content-Type", "application/octet-stream")
    return Response(answer.content, media_type=media_type, headers=headers)
