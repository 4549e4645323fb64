"""What a page answers when it cannot show what was asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from chassis.methods import methods_at
from web.addresses import split_address
from web.partial import ask_for_whole_page, is_partial, show_fault
from web.platform.problems import PlatformProblem, SessionOver, Unreachable
from web.repeating import Repeat, repeat_of
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
        return error_page(request, status, words, await repeat_of(request, status))

    return show


def error_page(request: Request, status: int, words: str, repeat: Repeat | None = None) -> Response:
    """The page of a trouble; a partial update gets the words alone, where it was about to be shown. `repeat`: what was sent, and
    may be sent again."""
    visit_of(request)
    if is_partial(request):
        return show_fault(request, status, words)
    title = _TITLES.get(status, _TITLES[500])
    return resources_of(request).pages.page(
        request, "error.html", status, title=title, words=words, again=page_of(request), repeat=repeat
    )


async def _show_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, PlatformProblem)
    if error.status == 404:
        return error_page(request, 404, _NOT_FOUND)
    status = error.status if error.status in _TITLES else 503
    return error_page(request, status, error.words, await repeat_of(request, status))


async def _show_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = _NOT_FOUND if error.status_code == 404 else "Так этой страницей пользоваться нельзя."
    answer = error_page(request, error.status_code if error.status_code in _TITLES else 400, words)
    if error.status_code == 405:  # the framework names the methods of one route; a path has several
        answer.headers["Allow"] = methods_at(request.app.routes, request.scope["path"])
    return answer


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
    where = wanted or page_of(request)
    answer = pages.page(
        request, "people/sign_in.html", why=why, login=login, with_code=with_code, wanted=where
    )
    return ask_for_whole_page(request, answer)


def page_of(request: Request) -> str:
    """Path and query of the page that a person looks at: the one asked for, or, where a form was sent, the one it stands on."""
    if request.method in ("GET", "HEAD"):
        return _relative(request.url.path, request.url.query)
    sender = split_address(request.headers.get("referer", ""))
    return _relative(sender.path, sender.query) if sender.netloc == request.headers.get("host") else "/"


def _relative(path: str, query: str) -> str:
    return path + (f"?{query}" if query else "")
