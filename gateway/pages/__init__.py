"""Pages for developers: the interface as a document, a page to read it, and what the problems mean."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from gateway.pages import problems

router = APIRouter(include_in_schema=False)
# Everything the page needs is in it: it works where no other site can be reached.
_DOCS = (Path(__file__).parent / "docs.html").read_text(encoding="utf-8")
_PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


@router.get("/")
async def open_front_page() -> Response:
    """Developers begin with the documentation."""
    return RedirectResponse("/docs")


@router.get("/docs")
async def read_docs() -> Response:
    """The documentation page."""
    return HTMLResponse(_DOCS, headers=_PAGE_HEADERS)


@router.get("/openapi.json")
async def read_openapi(request: Request) -> Response:
    """The merged OpenAPI document."""
    return Response(await request.app.state.openapi.read(), media_type="application/json")


router.include_router(problems.router)
