"""What a page answers when it cannot show what was asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from web.platform.problems import PlatformProblem, SessionOver, Unreachable
from web.resources import resources_of
from web.visits import ForgedForm, NeedsSignIn, NotYourPage, visit_of

log = structlog.get_logger()
Handler = Callable[[Request, Exception], Awaitable[Response]]


class NoSuchPage(Exception):
    """There is nothing at this path, or not for this visitor: both are answered alike."""


_TITLES: Final = {
    400: "Запрос не понят",
    403: "Доступа нет",
    404: "Страница не найдена",
    405: "Так сделать нельзя",
    409: "Состояние уже другое",
    412: "Уже изменено",
    422: "Проверьте данные",
    429: "Слишком много запросов",
    500: "Ошибка на нашей стороне",
    503: "Система недоступна",
}
_NOT_FOUND: Final = "Такой страницы нет, или она вам не доступна."


def install_error_pages(app: FastAPI) -> None:
    """One page for each kind of trouble; none of them says what is inside."""
    app.add_exception_handler(NeedsSignIn, _ask_to_sign_in)
    app.add_exception_handler(SessionOver, _end_session)
    app.add_exception_handler(NotYourPage, _answer_with(403, "Эта страница не для вашей роли."))
    app.add_exception_handler(
        ForgedForm, _answer_with(403, "Форма устарела. Откройте страницу заново и повторите.")
    )
    app.add_exception_handler(NoSuchPage, _answer_with(404, _NOT_FOUND))
    app.add_exception_handler(
        Unreachable, _answer_with(503, "Система сейчас не отвечает. Подождите немного и повторите.")
    )
    app.add_exception_handler(PlatformProblem, _show_problem)
    app.add_exception_handler(HTTPException, _show_http)
    app.add_exception_handler(RequestValidationError, _answer_with(404, _NOT_FOUND))
    app.add_exception_handler(
        Exception, _answer_with(500, "Уже записано в журнал. Повторите ещё раз чуть позже.")
    )


def _answer_with(status: int, words: str) -> Handler:
    async def show(request: Request, error: Exception) -> Response:
        if status == 500:
            log.error("unhandled error of a page", path=request.url.path.split("/")[1], exc_info=error)
        return error_page(request, status, words)

    return show


def error_page(request: Request, status: int, words: str) -> Response:
    """The page of a trouble; a partial update gets the words alone, where it was about to be shown."""
    visit_of(request)
    title = _TITLES.get(status, _TITLES[500])
    return resources_of(request).pages.page(request, "error.html", status, title=title, words=words)


async def _show_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, PlatformProblem)
    if error.status == 404:
        return error_page(request, 404, _NOT_FOUND)
    return error_page(request, error.status if error.status in _TITLES else 503, error.words)


async def _show_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = _NOT_FOUND if error.status_code == 404 else "Так этой страницей пользоваться нельзя."
    return error_page(request, error.status_code if error.status_code in _TITLES else 400, words)


async def _ask_to_sign_in(request: Request, error: Exception) -> Response:
    """The form in the place of the page (200); a change that came without a session is not repeated by itself."""
    assert isinstance(error, NeedsSignIn)
    return show_sign_in(request, error.why)


async def _end_session(request: Request, _: Exception) -> Response:
    visit_of(request).end()
    return show_sign_in(request, "Сеанс завершён. Войдите снова.")


def show_sign_in(
    request: Request, why: str = "", login: str = "", *, with_code: bool = False, wanted: str = ""
) -> Response:
    """The form; `wanted`: the page to go on to, this one unless said. A partial update makes the browser load the whole page."""
    pages = resources_of(request).pages
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    answer = pages.page(
        request, "people/sign_in.html", why=why, login=login, with_code=with_code, wanted=wanted or here
    )
    if "hx-request" in request.headers:
        answer.headers["HX-Refresh"] = "true"
    return answer
