"""HTTP: styles, scripts and pictures."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from web.assets import Asset
from web.errors import NoSuchPage
from web.resources import resources_of

router = APIRouter()
_KEPT_A_YEAR: Final = "public, max-age=31536000, immutable"
_ROBOTS: Final = "User-agent: *\nDisallow: /track\nDisallow: /desk\nDisallow: /centre\nDisallow: /room\nDisallow: /settings\n"


@router.get("/static/{path:path}")
async def read_asset(request: Request, path: str) -> Response:
    """A file by the name that holds its checksum."""
    asset = resources_of(request).pages.assets.find(f"/static/{path}")
    if asset is None:
        raise NoSuchPage
    return serve_asset(request, asset, _KEPT_A_YEAR)


@router.get("/robots.txt")
async def read_robots() -> Response:
    """Search engines have no business on pages of somebody's appeal or of somebody's work."""
    return Response(_ROBOTS, media_type="text/plain")


def serve_asset(request: Request, asset: Asset, cache: str) -> Response:
    """A file, packed where the browser takes that."""
    headers = {"Cache-Control": cache, "X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding"}
    if asset.packed and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.packed, headers=headers, media_type=asset.media_type)
    return Response(asset.content, headers=headers, media_type=asset.media_type)
