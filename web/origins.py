"""Changes come from our own pages only: what a browser says of where a form was sent from is believed when it says no."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from web.addresses import split_address

_SAFE: Final = ("GET", "HEAD", "OPTIONS")
_REFUSAL: Final = "Форма отправлена с чужой страницы."


class OwnForms:
    """ASGI middleware: 403 for a change that a page of another site sends; signing in is one, too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http" and scope["method"] not in _SAFE and not _is_own(Headers(scope=scope)):
            await PlainTextResponse(_REFUSAL, 403)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _is_own(headers: Headers) -> bool:
    """Fetch metadata decides where a browser sends it, the origin where not; who sends neither is no browser with cookies."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or split_address(origin).netloc == headers.get("host")
