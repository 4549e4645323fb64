"""From data to pages: the templates, what they may call, and the headers every page has."""

from __future__ import annotations

import gzip
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from web import words
from web.assets import Assets
from web.settings import WebSettings

_HERE: Final = Path(__file__).parent
PARTIAL: Final = "hx-request"
_WORTH_PACKING: Final = 1000  # bytes: less fits into the first packet anyhow


class Pages:
    """Renders templates. `headers`: of every page; nothing of another site is loaded, run, framed or sent to."""

    def __init__(self, settings: WebSettings) -> None:
        self.assets = Assets()
        self.environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.environment.globals["asset"] = self.assets.url
        self.environment.globals["outside_sign_in"] = (
            settings.oidc_name if settings.has_outside_sign_in else ""
        )
        self.environment.filters.update(words.FILTERS)
        self.headers = _headers(settings)

    def text(self, template: str, **context: object) -> str:
        """A template as text."""
        return self.environment.get_template(template).render(**context)

    def page(self, request: Request, template: str, status: int = 200, **context: object) -> HTMLResponse:
        """A page for this request's visitor; templates find `person`, `form_key` and `path` beside the context."""
        stored = getattr(request.scope.get("otklik.visit"), "stored", None)
        form_key = stored.form_key if stored else ""
        shared: dict[str, Any] = {
            "person": stored.person if stored else None,
            "form_key": form_key,
            "form_field": partial(_form_field, form_key),
            "path": request.url.path,
            "is_partial": PARTIAL in request.headers,
            "is_refusal": status >= 400,
        }
        answer = HTMLResponse(self.text(template, **shared, **context), status, self.headers)
        return answer if stored else _packed(request, answer)


def _packed(request: Request, answer: HTMLResponse) -> HTMLResponse:
    """For slow lines, where the browser takes it. Pages of a session are not: beside what a stranger had them show, their size
    would tell of their form key (BREACH)."""
    if len(answer.body) > _WORTH_PACKING and "gzip" in request.headers.get("accept-encoding", ""):
        answer.body = gzip.compress(answer.body, 6, mtime=0)
        answer.headers["Content-Encoding"] = "gzip"
        answer.headers["Content-Length"] = str(len(answer.body))
    return answer


def _form_field(form_key: str) -> Markup:
    """What every form of a signed-in person carries."""
    return Markup('<input type="hidden" name="form_key" value="{}">').format(form_key)


def _headers(settings: WebSettings) -> dict[str, str]:
    tiles = urlsplit(settings.tile_url)
    images = f"'self' data: blob: {tiles.scheme}://{tiles.netloc}" if tiles.netloc else "'self' data: blob:"
    policy = (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
        f"img-src {images}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
        "Cache-Control": "no-store",
        "Vary": "Accept-Encoding, Cookie, HX-Request",
    }
