"""What the `type` of a problem points to: a page for people, a document for programs."""

from __future__ import annotations

from html import escape
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from chassis.problems import NotFound
from contracts.problems import EXPLANATIONS, Explanation

router = APIRouter(include_in_schema=False)
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
    "Vary": "Accept",
}
_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}}
code{{background:#eee;padding:0 .2em}}h2{{margin-top:2rem}}</style></head>
<body>{body}<p><a href="/problems">/problems</a> · <a href="/docs">/docs</a></p></body>
</html>
"""


@router.get("/problems")
async def list_problems(request: Request) -> Response:
    """The problems every part of the system may answer with."""
    found = [EXPLANATIONS[slug] for slug in sorted(EXPLANATIONS)]
    if not _wants_page(request):
        return JSONResponse([_document(each) for each in found], headers=_HEADERS)
    lines = [
        f'<li><a href="{each.type}">{each.slug}</a> ({each.status}) {_text(each.title)}</li>'
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
    return {"type": known.type, **{name: value for name, value in known._asdict().items() if name != "slug"}}
