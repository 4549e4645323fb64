"""The form as a page of its own, for whoever runs no scripts: plain HTML, nothing loaded from anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Final, NamedTuple

_STYLE: Final = (
    "body{font:1rem/1.5 sans-serif;max-width:40rem;margin:1rem auto;padding:0 1rem}"
    "label{display:block;margin:.8rem 0}input,select,textarea{display:block;width:100%;font:inherit;padding:.4rem;"
    "box-sizing:border-box}button{font:inherit;padding:.6rem 1.2rem}.fault{color:#a00}.danger{background:#fdd;padding:.8rem}"
)
_FIELDS: Final = (("address", "Адрес или место", 500), ("name", "Фамилия, имя, отчество", 254))
_CONTACTS: Final = (("email", "Электронная почта", 254), ("phone", "Телефон", 254))


class Choice(NamedTuple):
    """A topic in the list of a form."""

    code: str
    name: str


class Form(NamedTuple):
    """A form to be filled in: where it is sent, with which token, and what was written before."""

    title: str
    action: str
    token: str
    topics: Sequence[Choice]
    written: Mapping[str, str] = {}
    faults: Sequence[str] = ()


def page_of_form(form: Form) -> str:
    """The form; with what was wrong, and nothing that was written is lost."""
    faults = "".join(f'<p class="fault" role="alert">{escape(fault)}</p>' for fault in form.faults)
    fields = "".join(_input(name, label, most, form.written) for name, label, most in (*_FIELDS, *_CONTACTS))
    text = escape(form.written.get("text", ""))
    body = (
        f"<h1>{escape(form.title)}</h1>{faults}"
        f'<form method="post" action="{escape(form.action)}">'
        f'<input type="hidden" name="form_token" value="{escape(form.token)}">{_topics(form)}'
        f'<label>Что случилось<textarea name="text" rows="8" maxlength="10000" required>{text}</textarea></label>'
        f'{fields}<button type="submit">Отправить</button></form>'
    )
    return _page(form.title, body)


def page_of_receipt(title: str, number: str, code: str, notice: str | None) -> str:
    """What the sender keeps: the number and the tracking code."""
    warning = f'<p class="danger" role="alert">{escape(notice)}</p>' if notice else ""
    body = (
        f"<h1>Обращение принято</h1>{warning}<p>Номер: <strong>{escape(number)}</strong></p>"
        f"<p>Код отслеживания: <strong>{escape(code)}</strong></p>"
        "<p>Сохраните код: по нему видно, что с обращением происходит, и его никто не сможет узнать за вас.</p>"
    )
    return _page(title, body)


def page_of_refusal(title: str, words: Iterable[str]) -> str:
    """Why nothing was taken."""
    return _page(title, f"<h1>{escape(title)}</h1>" + "".join(f"<p>{escape(each)}</p>" for each in words))


def wants_page(accept: str) -> bool:
    """Whether a browser asks: it names HTML, and JSON not before it."""
    page, json = accept.find("text/html"), accept.find("json")
    return page >= 0 and (json < 0 or page < json)


def _input(name: str, label: str, most: int, written: Mapping[str, str]) -> str:
    value = escape(written.get(name, ""))
    return f'<label>{label} (не обязательно)<input name="{name}" maxlength="{most}" value="{value}"></label>'


def _topics(form: Form) -> str:
    chosen = form.written.get("topic")
    options = "".join(
        f'<option value="{escape(each.code)}"{" selected" if each.code == chosen else ""}>{escape(each.name)}</option>'
        for each in form.topics
    )
    select = f'<select name="topic"><option value="">Не знаю</option>{options}</select>'
    return f"<label>Тема{select}</label>" if form.topics else ""


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>{body}</body></html>'
    )
