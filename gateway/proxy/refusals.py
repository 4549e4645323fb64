"""What a browser shows when the gateway itself refuses a page: nobody reads JSON there."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

from starlette.responses import HTMLResponse, Response

from chassis.problems import Problem, problem_response

_PAGE: Final = """<!doctype html>
<html lang="ru"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{title} – Отклик</title></head>
<body><main><h1>{title}</h1><p role="alert">{words}</p><p><a href="/">На главную</a></p></main></body></html>
"""
_BACK: Final = "Вернитесь на прежнюю страницу кнопкой браузера: написанное там сохранилось."
_WORDS: Final[Mapping[int, tuple[str, str]]] = {
    408: ("Форма не дошла", f"Связь слишком медленная. {_BACK} Приложите меньше файлов."),
    413: ("Форма слишком большая", f"Можно приложить до 10 файлов по 10 МБ. {_BACK}"),
    429: ("Слишком много запросов", f"Подождите {{wait}} с и повторите. {_BACK}"),
    503: ("Система недоступна", f"Подождите немного и повторите. {_BACK}"),
    504: ("Система не отвечает", f"Подождите немного и повторите. {_BACK}"),
}
_OTHER: Final = ("Не получилось", f"Повторите ещё раз чуть позже. {_BACK}")
_SECURITY: Final = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Content-Language": "ru",
    "Vary": "Accept, HX-Request",
}


def reads_pages(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a browser asks for a page that it will show; scripts, which put it together themselves, read problems."""
    return b"text/html" in headers.get(b"accept", b"") and b"hx-request" not in headers


def problem_page(problem: Problem) -> Response:
    """A short page with status and headers of the problem's document."""
    document = problem_response(problem)
    kept = {name: value for name, value in document.headers.items() if not name.startswith("content-")}
    title, words = _WORDS.get(problem.status, _OTHER)
    shown = words.format(wait=kept.get("retry-after", "60"))
    page = _PAGE.format(title=escape(title), words=escape(shown))
    return HTMLResponse(page, problem.status, kept | _SECURITY)
