"""Routes that pages of other sites may read: of the sites of the widget, and of no others."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response

from chassis.problems import Unprocessable, problem_of, problem_response, validation_errors
from chassis.strict_routes import StrictRoute
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

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The strict handler, its problems answered here."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handle(request)
            except RequestValidationError as error:
                response = problem_response(
                    Unprocessable("See errors.", errors=validation_errors(error.errors()))
                )
            except Exception as error:
                problem = problem_of(error)
                if problem is None:
                    raise
                response = problem_response(problem)
            response.headers.update(origin_headers(request))
            return response

        return answer
