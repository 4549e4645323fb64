"""What the `type` of a problem points to: a page for people, a document for programs."""

from __future__ import annotations

from html import escape
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from chassis.problems import NotFound
from contracts.problems import EXPLANATIONS, Explanation
from gateway.pages.headers import PAGE_HEADERS

router = APIRouter(include_in_schema=False)
_HEADERS = {**PAGE_HEADERS, "Vary": "Accept"}
_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<link rel="icon" type="image/svg+xml" href="/favicon.ico"><link rel="stylesheet" href="/docs/docs.css"></head>
<body><main class="guide">{body}<p><a href="/problems">/problems</a> · <a href="/docs">/docs</a></p></main></body>
</html>
"""


@router.get("/problems")
async def list_problems(request: Request) -> Response:
    """The problems every part of the system may answer with."""
    found = [EXPLANATIONS[slug] for slug in sorted(EXPLANATIONS)]
    if not _wants_page(request):
        return JSONResponse([_document(each) for each in found], headers=_HEADERS)
    lines = [
        f'<li><a href="{each.type}">{each.slug}</a> ({each.status}) {_text(each.title)} · <span lang="ru">{_text(each.title_ru)}</span></li>'
        for each in found
    ]
    return _page("Problems", f"<h1>Problems · Ошибки</h1><ul>{''.join(lines)}</ul>")


@router.get("/problems/{slug}")
async def read_problem(slug: Annotated[str, Path(max_length=100)], request: Request) -> Response:
    """What a problem is and what to do about it."""
    known = EXPLANATIONS.get(slug)
    if known is None:
        raise NotFound("No answer names a problem of this type; /problems lists all.")
    if not _wants_page(request):
        return JSONResponse(_document(known), headers=_HEADERS)
    return _page(
        known.title,
        f"<h1>{_text(known.title)}</h1><p><code>{known.type}</code> · HTTP {known.status}</p>"
        f"<p>{_text(known.advice)}</p>"
        f'<section lang="ru"><h2>{_text(known.title_ru)}</h2><p>{_text(known.advice_ru)}</p></section>',
    )


def _wants_page(request: Request) -> bool:
    """Whether a browser asks."""
    return "text/html" in request.headers.get("accept", "")


def _page(title: str, body: str) -> Response:
    return HTMLResponse(_PAGE.format(title=escape(title), body=body), headers=_HEADERS)


def _text(text: str) -> str:
    """Escaped; what stands between backquotes is code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts))


def _document(known: Explanation) -> dict[str, str | int]:
    return {
        "type": known.type,
        **{name: value for name, value in known._asdict().items() if name not in ("slug", "shown")},
    }
