"""What the platform answers instead of what was asked for, and what a person is told of it."""

from __future__ import annotations

import re
from typing import Final

from pydantic import BaseModel, ValidationError


class FieldError(BaseModel):
    """What is wrong with one field: `pointer` such as `/text`."""

    pointer: str = ""
    message: str = ""


class _Document(BaseModel):
    type: str = ""
    title: str = ""
    detail: str = ""
    errors: list[FieldError] = []


class PlatformProblem(Exception):
    """A problem document (RFC 9457). `retry_after`: seconds, where the platform says when to come again."""

    def __init__(
        self, status: int, slug: str, detail: str, errors: list[FieldError], retry_after: int | None = None
    ) -> None:
        super().__init__(f"{status} {slug}")
        self.status = status
        self.slug = slug
        self.detail = detail
        self.errors = errors
        self.retry_after = retry_after

    @property
    def words(self) -> str:
        """What a person is told: words of the pages, or the platform's own sentence where it knows more than they do."""
        return _WORDS.get(self.slug) or self._sentence or _WORDS_OF_STATUS.get(self.status, _UNKNOWN)

    @property
    def _sentence(self) -> str:
        """Its detail, where that is for people, in Russian and about more than single fields; else empty."""
        if self.slug not in _SHOWN_IN_DETAIL or self.errors or not _RUSSIAN.search(self.detail):
            return ""
        sentence = f"{self.detail[:1].upper()}{self.detail[1:].removesuffix('.')}."
        return f"{sentence} {_READ_AGAIN}" if self.slug == "not-allowed-now" else sentence

    def is_about(self, field: str) -> bool:
        """Whether a field of the body is named."""
        return any(error.pointer.startswith(f"/{field}") for error in self.errors)


class SessionOver(Exception):
    """The token is good no more: whoever is signed in has to sign in again."""


class Unreachable(Exception):
    """The platform does not answer; asking again later may help."""


# What may come in the place of an answer. Where an act is done already, it takes nothing from it.
NO_ANSWER: Final = (PlatformProblem, SessionOver, Unreachable)
_UNKNOWN: Final = "Не получилось. Повторите ещё раз; если не поможет, сообщите администратору."
_READ_AGAIN: Final = "Обновите страницу."
_RUSSIAN: Final = re.compile("[а-яё]")
# Others are about programs, or the pages say it better.
_SHOWN_IN_DETAIL: Final = frozenset(
    {"channel-exists", "import-worked-on", "invalid", "not-allowed-now", "not-better", "regime-not-admitted"}
    | {"too-few-labels", "too-many-cells", "too-many-points", "too-many-rows"}
)
_WORDS_OF_STATUS: Final = {
    403: "Ваша роль этого не позволяет.",
    404: "Этого здесь нет, или вам это не доступно.",
    409: "Сейчас так сделать нельзя: состояние уже другое. " + _READ_AGAIN,
    412: "Пока вы смотрели, кто-то уже изменил это. Обновите страницу и повторите.",
    413: "Слишком большой файл или текст.",
    422: "Проверьте заполненные поля.",
    429: "Слишком много запросов подряд. Подождите минуту и повторите.",
    503: "Система сейчас недоступна. Подождите немного и повторите.",
}
_WORDS: Final = {
    "idempotency-key-reused": "Эта форма уже отправлена и принята, а теперь в ней другое. Посмотрите, что сделано, и откройте страницу заново.",
    "lease-lost": "Время работы с этим обращением истекло, его мог взять другой. Возьмите его снова.",
    "answer-blocked": "Ответ не прошёл проверку. Исправьте отмеченное.",
    "signature-needed": "Нужна вторая подпись: ответ подпишет другой сотрудник организации.",
    "attachment-refused": "Файл не принят: он повреждён или не того типа. Подходят JPEG, PNG, HEIC, PDF, DOCX, XLSX до 10 МБ.",
    "attachment-unknown": "Файл уже удалён или использован. Приложите его снова.",
    "extension-not-possible": "Продлить этот срок нельзя.",
    "sign-in-refused": "Логин или пароль не подходят.",
    "code-required": "Введите одноразовый код.",
    "weak-password": "Пароль слишком простой. Нужно не меньше 12 знаков, без частых слов и без имени.",
    "form-token-refused": "Форма устарела или отправлена слишком быстро. Ничего не потеряно: отправьте ещё раз.",
    "form-token-spent": "Обращение уже отправлено.",
}


def problem_of(status: int, content: bytes, retry_after: str | None) -> PlatformProblem:
    """From an answer's body; without slug and detail where that is no problem document."""
    try:
        document = _Document.model_validate_json(content)
    except ValidationError:
        document = _Document()
    slug = document.type.rpartition("/")[2]
    seconds = int(retry_after) if retry_after and retry_after.isdigit() else None
    return PlatformProblem(status, slug, document.detail, document.errors, seconds)
