"""Errors as RFC 9457 problem documents: clear to developers, silent about personal data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import orjson
import structlog
from asyncpg import InterfaceError, InternalClientError, PostgresError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.causes import cause_of, is_bad_value, sqlstate_of
from chassis.faults import WORDS, Wording, in_words, message_of, unknown_name
from chassis.languages import language_now
from chassis.methods import methods_at
from chassis.names import UNKNOWN_FIELD, known_fields
from contracts.problems import EXPLANATIONS

MEDIA_TYPE = "application/problem+json"
Errors = Sequence[Mapping[str, str | Wording]]  # `pointer` and `message` of each
MOST_ERRORS = 50
MOST_HINTS = 10  # comparing names takes time, and whoever misspells more has another trouble
log = structlog.get_logger()


class Problem(Exception):
    """An answer that is not a success. Subclass it next to the action that raises it.

    `detail`: a sentence that stands in `faults.csv` in both languages, or a wording that an error carried; what differs from
    one answer to another has places in it, `"Not in status {status}."`, and is given in `values`: the sentence is filled when
    the document is made, in the language of whoever is answered. Read, `detail` is filled and English.
    """

    status: ClassVar[int] = 400
    slug: ClassVar[str] = "bad-request"
    title: ClassVar[str] = "The request cannot be understood"

    def __init__(
        self,
        detail: str | Wording = "",
        *,
        values: Mapping[str, object] | None = None,
        errors: Errors | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.wording = detail if isinstance(detail, Wording) else Wording(detail, values)
        self.detail = self.wording.in_language("en")
        super().__init__(self.detail or self.title)
        self.errors = list(errors or [])
        self.headers = headers or {}

    def document(self) -> dict[str, object]:
        """The problem as a JSON object."""
        return problem_document(self.status, self.slug, self.title, self.wording, self.errors)


class Unauthorised(Problem):
    status, slug, title = 401, "unauthorised", "A valid access token is needed"


class Forbidden(Problem):
    status, slug, title = 403, "forbidden", "Your role or region does not allow this"


class NotFound(Problem):
    status, slug, title = 404, "not-found", "There is no such thing within your reach"


class NotAllowedNow(Problem):
    status, slug, title = 409, "not-allowed-now", "The current status does not allow this move"


class Busy(Problem):
    status, slug, title = (
        409,
        "same-key-in-progress",
        "The same request is still being worked on; repeat it later",
    )


class Unprocessable(Problem):
    status, slug, title = 422, "invalid", "The request is well formed but its content is not acceptable"


class KeyReused(Problem):
    status, slug, title = 422, "idempotency-key-reused", "The same key was used with another body"


class VersionMissing(Problem):
    status, slug, title = 428, "version-required", "Send the version you saw in If-Match"


class VersionStale(Problem):
    status, slug, title = 412, "version-stale", "The resource has changed; read it again"


class BadCursor(Problem):
    status, slug, title = 400, "bad-cursor", "This cursor was not issued here"


class WrongMediaType(Problem):
    status, slug, title = 415, "unsupported-media-type", "The body is of a type that is not read here"


class TooLarge(Problem):
    status, slug, title = 413, "too-large", "The body is larger than allowed"


class Unavailable(Problem):
    status, slug, title = (
        503,
        "unavailable",
        "A part of the system cannot do its work now; repeat the request",
    )


# What answers of a status have in any case.
_HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 429: {"Retry-After": "1"}, 503: {"Retry-After": "1"}}


def problem_document(
    status: int,
    slug: str,
    title: str,
    detail: str | Wording = "",
    errors: Errors | None = None,
) -> dict[str, object]:
    """RFC 9457 members plus `errors[] {pointer, message}`; title and detail in the caller's language."""
    shown = [{**each, "message": _in_words_or_as_it_is(each["message"])} for each in errors or ()]
    optional = {"detail": in_words(detail), "errors": shown}
    document = {"type": f"/problems/{slug}", "title": _title(slug, title), "status": status}
    return document | {name: value for name, value in optional.items() if value}


def _in_words_or_as_it_is(message: str | Wording) -> str:
    """Most messages are in the caller's language already, however long they are."""
    return in_words(message) if isinstance(message, Wording) or message in WORDS else message


def _title(slug: str, title: str) -> str:
    known = EXPLANATIONS.get(slug) if language_now.get() == "ru" else None
    return known.title_ru if known else title


def answering(problem: Problem) -> ASGIApp:
    """An app that answers with a problem, made when it is asked: the language is known by then."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await problem_response(problem)(scope, receive, send)

    return answer


def problem_response(problem: Problem) -> Response:
    """The HTTP answer for a problem."""
    headers = _HEADERS.get(problem.status, {}) | problem.headers | {"Content-Language": language_now.get()}
    return Response(
        orjson.dumps(problem.document()), status_code=problem.status, media_type=MEDIA_TYPE, headers=headers
    )


def validation_errors(errors: Any, sent_as: Any = None) -> list[dict[str, str]]:
    """Pydantic's errors as JSON pointers and messages, never with the value that was sent.

    `sent_as`: the type of the body, whose field names are offered where one that was sent is not known.
    """
    return [
        {
            "pointer": pointer_of(error.get("loc", ())),
            "message": _message_of(error, sent_as if number < MOST_HINTS else None),
        }
        for number, error in enumerate(list(errors)[:MOST_ERRORS])
    ]


def _message_of(error: Any, sent_as: Any) -> str:
    if error.get("type") != UNKNOWN_FIELD:
        return message_of(error)
    *above, name = error["loc"]
    return unknown_name(str(name), known_fields(sent_as, above))


def pointer_of(location: Iterable[str | int]) -> str:
    """A place as a JSON pointer; names are a client's own, so they are cut, and half surrogates replaced."""
    parts = [str(part)[:100].encode("utf-8", "replace").decode() for part in location]
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


_HTTP_SLUGS = {404: "not-found", 405: "method-not-allowed", 413: "too-large", 415: "unsupported-media-type"}


async def _on_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(error)


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    body = getattr(request.scope.get("route"), "body_field", None)
    sent_as = body.field_info.annotation if body else None
    errors = [{**each, "loc": _inside(each["loc"])} for each in error.errors()[:MOST_ERRORS]]
    return problem_response(Unprocessable("See errors.", errors=validation_errors(errors, sent_as)))


def _inside(location: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """A place as pointers name it: in the body itself, or beside it in the query or a header."""
    return location[1:] if location[:1] == ("body",) else location


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(
        error.__cause__, Problem
    ):  # met while a body was read, which the framework calls unparsable
        return problem_response(error.__cause__)
    slug = _HTTP_SLUGS.get(error.status_code, "http-error")
    document = problem_document(error.status_code, slug, str(error.detail or "HTTP error"))
    headers = dict(error.headers or {})
    if error.status_code == 405:  # the framework names the methods of one route; a path has several
        headers["Allow"] = methods_at(request.app.routes, request.scope["path"])
    return Response(
        orjson.dumps(document), status_code=error.status_code, media_type=MEDIA_TYPE, headers=headers
    )


def problem_of(error: BaseException) -> Problem | None:
    """Bad characters and numbers are the sender's fault; what has a cause outside of us is passing; None: a bug."""
    if isinstance(error, Problem):
        return error
    if is_bad_value(error):
        return Unprocessable("A value cannot be stored.")
    if sqlstate_of(error) == "55P03":
        return Busy()
    cause = cause_of(error)
    return Unavailable(cause) if cause else None


async def _on_failure(request: Request, error: Exception) -> Response:
    """What a library raised: explained where the cause is known, a bug otherwise."""
    problem = problem_of(error)
    if problem is None:
        return await _on_bug(request, error)
    if problem.status == 503:
        log.warning("unavailable", route=route_of(request), reason=problem.detail, error=type(error).__name__)
    return problem_response(problem)


def route_of(request: Request) -> str:
    """The template of the path: the path itself may hold what is nobody's business, such as a tracking code."""
    return str(getattr(request.scope.get("route"), "path", "?"))


async def _on_bug(request: Request, error: Exception) -> Response:
    log.error("unhandled error", route=route_of(request), exc_info=error)
    return Response(
        orjson.dumps(problem_document(500, "internal", "Something went wrong on our side")),
        status_code=500,
        media_type=MEDIA_TYPE,
    )


# Roots of what the libraries below us raise. `Exception` itself is answered by the framework's last resort, which raises
# it once more for the server to log; these are everyday life.
_FAILURES = (SQLAlchemyError, PostgresError, InterfaceError, InternalClientError, OSError, ExceptionGroup)


def install_problem_handlers(app: FastAPI) -> None:
    """Render every error of an app as a problem document."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    for kind in _FAILURES:
        app.add_exception_handler(kind, _on_failure)
    app.add_exception_handler(Exception, _on_failure)
