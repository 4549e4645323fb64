"""Routes that take what they have declared and refuse the rest: query parameters, bodies, media types."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, get_origin
from urllib.parse import quote

import structlog
from fastapi import APIRouter, Request, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute

from chassis.bodies import Body, Location, require_json, take_unknown_out
from chassis.faults import in_words, unknown_name
from chassis.json_text import read_json
from chassis.names import known_fields, nearest
from chassis.problems import (
    MOST_ERRORS,
    MOST_HINTS,
    Problem,
    Unprocessable,
    pointer_of,
    problem_of,
    route_of,
    validation_errors,
)
from chassis.resources import resources_of
from chassis.security import admission_of

IGNORED_HEADER = "X-Otklik-Ignored"
_MOST_NAMED = 10
_LONGEST_HEADER = 1000
_WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_REPEATED = (list, tuple, set, frozenset)
log = structlog.get_logger()
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Nothing(Body):
    """The body of an operation that takes none: `{}` and `null` say the same."""


class StrictRoute(APIRoute):
    """A route that reads its request strictly, once who asks may ask at all."""

    def get_route_handler(self) -> Handler:
        """The framework's handler behind the reading of the query and the body."""
        handle = super().get_route_handler()
        parameters = _query_parameters(self)
        sent_as = _body_type(self)
        admission = admission_of(self.dependant)

        async def answer(request: Request) -> Response:
            ignored = ignored_by(request)
            try:
                check_query(request, parameters, ignored)
                if sent_as is not None:
                    await _read_value(request, sent_as, ignored)
            except Problem:
                if admission is not None:
                    await admission(request)  # 401 and 403 come before what is wrong with the request
                raise
            response = await handle(request)
            report_ignored(request, response, ignored, sent_as)
            return response

        return answer


def answer_problems(handle: Handler, answer: Callable[[Request, Problem], Response]) -> Handler:
    """The same handler, its problems answered by the route itself, for who reads them otherwise than the API's clients.

    A bug stays one: it goes on to where bugs are answered.
    """

    async def answered(request: Request) -> Response:
        try:
            return await handle(request)
        except RequestValidationError as error:
            problem: Problem | None = Unprocessable("See errors.", errors=validation_errors(error.errors()))
        except Exception as error:
            problem = problem_of(error)
            if problem is None:
                raise
        assert problem is not None
        return answer(request, problem)

    return answered


class Router(APIRouter):
    """The router of every operation of the API. `route_class`: of routes that have manners of their own besides."""

    def __init__(self, **options: Any) -> None:
        # The media type is looked at here: a body that names none is read as JSON.
        super().__init__(**{"route_class": StrictRoute, "strict_content_type": False, **options})


class LenientRouter(APIRouter):
    """The router of what others' systems call by rules of their own: what is not known is ignored there, as documented."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strict_content_type=False, **options)


def ignored_by(request: Request) -> list[Location] | None:
    """Where to note what is not known, while that is only warned of; None: it is refused."""
    return [] if resources_of(request).only_warns else None


def check_query(
    request: Request, parameters: Mapping[str, float], ignored: list[Location] | None = None
) -> None:
    """422 for a parameter that is sent more often than `parameters` (name → times) allow, or is not among them."""
    if not request.scope["query_string"]:
        return
    counts = Counter(name for name, _ in request.query_params.multi_items())
    faults = [name for name, times in counts.items() if times > parameters.get(name, 0)]
    if ignored is not None:
        ignored += [("query", name) for name in faults]
    elif faults:
        errors = [
            {"pointer": pointer_of(("query", name)), "message": _query_message(number, name, parameters)}
            for number, name in enumerate(faults[:MOST_ERRORS])
        ]
        raise Unprocessable("See errors.", errors=errors)


def _query_message(number: int, name: str, parameters: Mapping[str, float]) -> str:
    if name in parameters:
        return in_words("is sent more than once")
    return unknown_name(name, parameters if number < MOST_HINTS else ())


async def _read_value(request: Request, sent_as: Any, ignored: list[Location] | None) -> None:
    """The body's value for the framework; 400, 415, and 422 for what an operation without a body is sent."""
    body = await request.body()
    if not body:
        return
    require_json(request.headers.get("content-type", ""))
    value = read_json(body)
    if ignored is not None:
        ignored += take_unknown_out(sent_as, value)
    elif sent_as is Nothing:
        _require_nothing(value)
    request._json = value  # what `Request.json` would keep


def _require_nothing(value: Any) -> None:
    """422 that names every field; the value itself where it has none."""
    if value in (None, {}):
        return
    names = value if isinstance(value, dict) else [""]
    errors = [
        {
            "pointer": pointer_of(filter(None, [name])),
            "message": in_words("is not known here: nothing is read"),
        }
        for name in names
    ]
    raise Unprocessable("This operation takes no body.", errors=errors[:MOST_ERRORS])


def report_ignored(
    request: Request, response: Response, ignored: list[Location] | None, sent_as: Any = None
) -> None:
    """Tell the sender by a header, and whoever runs the system by a line without a word of what was sent."""
    if not ignored:
        return
    pointers = [quote(pointer_of(place), safe="/~") for place in ignored[:_MOST_NAMED]]
    response.headers[IGNORED_HEADER] = ", ".join(pointers)[:_LONGEST_HEADER]
    log_ignored(request, ignored, sent_as)


def log_ignored(request: Request, ignored: list[Location] | None, sent_as: Any) -> None:
    """Only names of ours: what a client calls its fields may itself be personal."""
    if not ignored:
        return
    near = {nearest(str(place[-1]), known_fields(sent_as, place[:-1])) for place in ignored[:_MOST_NAMED]}
    principal = getattr(request.state, "principal", None)
    log.warning(
        "unknown fields ignored",
        route=route_of(request),
        method=request.method,
        client=getattr(principal, "client_id", None),
        count=len(ignored),
        near=sorted(filter(None, near)),
    )


def _query_parameters(route: APIRoute) -> dict[str, float]:
    """How often each parameter of the query may be sent."""
    declared = [
        field for field in get_flat_params(route.dependant) if isinstance(field.field_info, params.Query)
    ]
    return {
        field.alias: math.inf if get_origin(field.field_info.annotation) in _REPEATED else 1
        for field in declared
    }


def _body_type(route: APIRoute) -> Any:
    """The type of the body; None where the endpoint reads it itself or there can be none."""
    if route.body_field is not None:
        return route.body_field.field_info.annotation
    reads_itself = "requestBody" in (route.openapi_extra or {})
    return None if reads_itself or _WITH_BODY.isdisjoint(route.methods or ()) else Nothing
