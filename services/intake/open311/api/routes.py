"""Routes that speak as the standard does: errors in its own form, in the format that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, Final, cast

from fastapi import Depends, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.convertors import StringConvertor, register_url_convertor

from chassis.problems import Problem
from chassis.strict_routes import Handler, Router, answer_problems
from services.intake.open311.rules.documents import FORMATS, MEDIA_TYPES, Format, Names, asked_format, render
from services.intake.open311.schemas.documents import ERRORS, GeoReportError

Operation = Callable[..., Any]
# What has no place in the standard, and cannot be said by 400: try again later.
_PASSING: Final = frozenset((408, 413, 429, 503, 504))
FORMAT_PARAMETER: Final = {
    "name": "format",
    "in": "path",
    "required": True,
    "description": "`json` or `xml`. Without it (and its full stop) the Accept header decides, and XML comes where it is silent.",
    "schema": {"type": "string", "enum": list(FORMATS)},
}
_XML: Final = {"text/xml": {"schema": {"type": "string"}}}
_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The standard's document, in the format that was asked for.", "content": _XML},
    **{
        status: {"model": list[GeoReportError], "description": description, "content": _XML}
        for status, description in (
            (400, "A parameter is missing or wrong."),
            (403, "The key is nobody's, or may not do this."),
            (404, "There is no such thing, or no such jurisdiction."),
        )
    },
}


class _FormatConvertor(StringConvertor):
    """What a path may end with: whatever else follows a full stop belongs to the id before it."""

    regex = "|".join(FORMATS)


register_url_convertor("georeport", _FormatConvertor())


def format_of(request: Request) -> Format:
    """The format of an answer."""
    return asked_format(request.path_params.get("format"), request.headers.get("accept", ""))


AskedFormat = Annotated[Format, Depends(format_of)]


def answer(form: Format, names: Names, things: Sequence[BaseModel], status: int = 200) -> Response:
    """A document as an answer. Read from anywhere: what it shows is public."""
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
    return Response(render(form, names, things), status, headers, MEDIA_TYPES[form])


class GeoReportRoute(APIRoute):
    """A route whose problems are GeoReport's: 403 for the key, 404 for what does not exist, else 400."""

    def get_route_handler(self) -> Handler:
        """The framework's handler, its errors answered here."""
        return answer_problems(super().get_route_handler(), _refuse)


def _refuse(request: Request, problem: Problem) -> Response:
    status = _status_of(problem.status)
    errors = [GeoReportError(code=status, description=each) for each in _descriptions(problem)]
    refused = answer(format_of(request), ERRORS, errors, status)
    refused.headers.update(problem.headers)
    return refused


def _status_of(status: int) -> int:
    if status in (401, 403):
        return 403
    return status if status == 404 or status in _PASSING else 400


def _descriptions(problem: Problem) -> Iterator[str]:
    document = problem.document()  # in the language asked for
    errors = cast(list[dict[str, str]], document.get("errors", []))
    if not errors:
        yield str(document.get("detail") or document["title"])
    for each in errors:
        yield ": ".join(filter(None, (each["pointer"].strip("/"), each["message"])))


class GeoReportRouter(Router):
    """Routes of the standard: each under its path with `.json` or `.xml` behind it, and without."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=GeoReportRoute, **options)

    def on(
        self, path: str, answers: Any, method: str = "GET", **described: Any
    ) -> Callable[[Operation], Operation]:
        """Register what answers a path. `answers`: the model of the document; `described`: what OpenAPI has besides."""

        def register(handler: Operation) -> Operation:
            self.add_api_route(
                f"{path}.{{format:georeport}}",
                handler,
                methods=[method],
                response_model=answers,
                responses=_RESPONSES,
                openapi_extra={"parameters": [FORMAT_PARAMETER], **described},
            )
            self.add_api_route(path, handler, methods=[method], response_model=None, include_in_schema=False)
            return handler

        return register
