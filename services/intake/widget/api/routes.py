"""Routes that pages of other sites may read: of the sites of the widget, and of no others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import Request
from fastapi.responses import Response

from chassis.problems import problem_response
from chassis.strict_routes import Handler, StrictRoute, answer_problems
from services.intake.tables.widgets import Widget
from services.intake.widget.rules.origins import may_read

PREFLIGHT_SECONDS: Final = 600
EXPOSED: Final = "Retry-After, X-Request-ID, traceparent"
_ASKED: Final[Mapping[str, str]] = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST",
    "Access-Control-Allow-Headers": "Content-Type, X-Request-ID, traceparent",
    "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
}


def open_to_its_sites(request: Request, widget: Widget) -> None:
    """From here on the request's answer, a problem too, may be read by the page that asks, if it is one of the widget's."""
    origin = request.headers.get("origin")
    if may_read(origin, widget.origins):
        request.state.reader = origin


def origin_headers(request: Request) -> dict[str, str]:
    """What tells a browser so."""
    reader = getattr(request.state, "reader", None)
    named = (
        {"Access-Control-Allow-Origin": reader, "Access-Control-Expose-Headers": EXPOSED} if reader else {}
    )
    return {"Vary": "Origin, Accept", **named}


def answer_preflight(request: Request, methods: str) -> Response:
    """What a browser asks before it sends; `methods` of the path, as everybody may know."""
    headers = {"Allow": methods, **origin_headers(request)}
    is_reader = "Access-Control-Allow-Origin" in headers
    return Response(status_code=204, headers={**headers, **(_ASKED if is_reader else {})})


class SiteRoute(StrictRoute):
    """A route whose every answer says which page may read it."""

    def get_route_handler(self) -> Handler:
        """The strict handler, its problems answered here."""
        handle = answer_problems(super().get_route_handler(), lambda _, problem: problem_response(problem))

        async def answer(request: Request) -> Response:
            response = await handle(request)
            response.headers.update(origin_headers(request))
            return response

        return answer
