"""Pages for developers: the interface as a document, a page to read it, and what the problems mean."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from chassis.problems import NotFound
from gateway.pages import guides, problems
from gateway.pages.headers import PAGE_HEADERS
from gateway.resources import resources_of

router = APIRouter(include_in_schema=False)
_HERE = Path(__file__).parent
# Everything the page needs is ours: it works where no other site can be reached, and runs nothing written into it.
_FILES = {
    "docs.css": "text/css",
    "page.js": "text/javascript",
    "cards.js": "text/javascript",
    "elements.js": "text/javascript",
    "schema.js": "text/javascript",
    "samples.js": "text/javascript",
}
_CONTENTS = {name: (_HERE / name).read_bytes() for name in ("docs.html", "favicon.svg", *_FILES)}


@router.get("/docs")
async def read_docs() -> Response:
    """The documentation page."""
    return HTMLResponse(_CONTENTS["docs.html"], headers=PAGE_HEADERS)


@router.get("/docs/{name}")
async def read_docs_file(name: str) -> Response:
    """What the page is made of: its style and its scripts."""
    if name not in _FILES:
        raise NotFound
    return Response(_CONTENTS[name], media_type=_FILES[name], headers=PAGE_HEADERS)


@router.get("/favicon.ico")
async def read_icon() -> Response:
    """Browsers ask for it beside every page, also beside a bare document."""
    return Response(_CONTENTS["favicon.svg"], media_type="image/svg+xml", headers=PAGE_HEADERS)


@router.get("/openapi.json")
async def read_openapi(request: Request) -> Response:
    """The merged OpenAPI document."""
    return Response(await resources_of(request).openapi.read(), media_type="application/json")


router.include_router(problems.router)
router.include_router(guides.router)
