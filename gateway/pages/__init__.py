"""Pages for developers: the interface as a document, a page to read it, and what the problems mean."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Path as PathParameter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from chassis.problems import NotFound, Problem

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
_PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
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
    return HTMLResponse(_CONTENTS["docs.html"], headers=_PAGE_HEADERS)


@router.get("/docs/{name}")
async def read_docs_file(name: str) -> Response:
    """What the page is made of: its style and its scripts."""
    if name not in _FILES:
        raise NotFound
    return Response(_CONTENTS[name], media_type=_FILES[name], headers=_PAGE_HEADERS)


@router.get("/favicon.ico")
async def read_icon() -> Response:
    """Browsers ask for it beside every page, also beside a bare document."""
    return Response(_CONTENTS["favicon.svg"], media_type="image/svg+xml", headers=_PAGE_HEADERS)


@router.get("/openapi.json")
async def read_openapi(request: Request) -> Response:
    """The merged OpenAPI document."""
    return Response(await request.app.state.openapi.read(), media_type="application/json")


@router.get("/problems")
async def list_problems() -> list[dict[str, str | int]]:
    """The problems every part of the system may answer with."""
    return [_explain(kind) for _, kind in sorted(_known_problems().items())]


@router.get("/problems/{slug}")
async def read_problem(
    slug: Annotated[str, PathParameter(pattern=r"^[a-z0-9-]{1,60}$")],
) -> dict[str, str | int]:
    """What a problem's `type` points to."""
    kind = _known_problems().get(slug)
    if kind is None:
        raise NotFound
    return _explain(kind)


def _explain(kind: type[Problem]) -> dict[str, str | int]:
    return {"type": f"/problems/{kind.slug}", "title": kind.title, "status": kind.status}


def _known_problems() -> dict[str, type[Problem]]:
    def family(kind: type[Problem]) -> Iterator[type[Problem]]:
        yield kind
        for child in kind.__subclasses__():
            yield from family(child)

    return {kind.slug: kind for kind in family(Problem)}
