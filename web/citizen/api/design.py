"""The design as a page, and the form for other sites as a file."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from web.resources import resources_of
from web.static_files import serve_asset
from web.visits import visit_of

router = APIRouter()
_KEPT_AN_HOUR: Final = "public, max-age=3600"


@router.get("/design")
async def show_design(request: Request) -> Response:
    """Every component, as it is used."""
    visit_of(request)
    return resources_of(request).pages.page(request, "citizen/design.html")


@router.get("/widget.js")
async def read_widget(request: Request) -> Response:
    """The form for any authority's site, under a name that stays."""
    return serve_asset(request, resources_of(request).pages.assets.named("widget.js"), _KEPT_AN_HOUR)
