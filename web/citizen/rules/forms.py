"""Which form is meant, what was written in it, and what was wrong with it in a citizen's words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final
from uuid import UUID

from web.citizen.views import ListedForm
from web.platform.problems import PlatformProblem

MOST_PHOTOS: Final = 10
_KEY: Final = re.compile(r"wgt_[A-Za-z0-9_-]{1,100}")
_WITH_PLACE: Final = re.compile(r"[^.!?]*\{[^}]*\}[^.!?]*[.!?]?")
_TEXT_FIELDS: Final = ("text", "topic", "address", "lat", "lon", "name", "email", "phone")
_WORDS: Final[Mapping[str, str]] = {
    "text": "Напишите, что случилось: хотя бы несколько слов, но не больше 10 000 знаков.",
    "topic": "Выберите тему из списка или оставьте «Не знаю».",
    "address": "Адрес слишком длинный: оставьте город, улицу и дом.",
    "location": "Точка на карте не понята. Укажите место словами.",
    "applicant": "Проверьте имя, почту и телефон: каждое не длиннее 254 знаков.",
    "attachments": "Файлы уже удалены или использованы. Приложите их снова.",
}
_OF_SLUG: Final[Mapping[str, tuple[str, str]]] = {
    "attachment-refused": (
        "attachments",
        "Файл не принят: он повреждён или не того типа. Подходят фотографии и PDF до 10 МБ.",
    ),
    "attachment-unknown": ("attachments", _WORDS["attachments"]),
    "form-token-refused": (
        "",
        "Форма была открыта слишком давно или только что. Ничего не потеряно: отправьте ещё раз.",
    ),
    "too-large": ("attachments", "Файл слишком большой: не больше 10 МБ каждый."),
}


@dataclass(frozen=True, slots=True)
class Written:
    """What came with a form. `files`: what was taken before; `fields` of text by their names."""

    key: str
    token: str
    proof: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    files: tuple[UUID, ...] = ()

    @property
    def identity(self) -> bytes:
        """The same for a button that is pressed twice."""
        return sha256(
            f"{self.token}\0{self.key}\0{self.fields.get('text', '')}".encode("utf-8", "replace")
        ).digest()


def read_written(values: Mapping[str, str], files: Sequence[str]) -> Written:
    """From the fields of a form, whatever they hold."""
    fields = {name: values.get(name, "").replace("\r\n", "\n").strip() for name in _TEXT_FIELDS}
    return Written(
        key=key_in(values.get("key", "")),
        token=values.get("form_token", ""),
        proof=values.get("proof", ""),
        fields=fields,
        files=tuple(_ids(files))[:MOST_PHOTOS],
    )


def key_in(value: str) -> str:
    """The key of a form; empty for what can be none."""
    return value if _KEY.fullmatch(value) else ""


def _ids(values: Sequence[str]) -> list[UUID]:
    found = []
    for value in dict.fromkeys(values):
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


def body_of(written: Written, files: Sequence[UUID]) -> dict[str, object]:
    """The appeal as the platform takes it; fields that are empty are left out."""
    fields = written.fields
    applicant = {name: fields[name] for name in ("name", "email", "phone") if fields[name]}
    optional: dict[str, object] = {
        "proof": written.proof,
        "topic": fields["topic"],
        "address": fields["address"],
        "location": place_in(fields),
        "applicant": applicant,
        "attachments": [str(each) for each in files],
    }
    body: dict[str, object] = {"form_token": written.token, "text": fields["text"]}
    return body | {name: value for name, value in optional.items() if value}


def place_in(fields: Mapping[str, str]) -> dict[str, float] | None:
    """A point that a script has set; nothing for anything else: the address in words is what counts."""
    try:
        lat, lon = float(fields.get("lat", "")), float(fields.get("lon", ""))
    except ValueError:
        return None
    return {"lat": lat, "lon": lon} if -90 <= lat <= 90 and -180 <= lon <= 180 else None


def faults_of(problem: PlatformProblem) -> dict[str, str]:
    """What is wrong, by field; under the empty name what is wrong with the whole."""
    if problem.slug in _OF_SLUG:
        name, words = _OF_SLUG[problem.slug]
        return {name: words}
    named = {error.pointer.strip("/").split("/")[0] for error in problem.errors}
    faults = {name: _WORDS[name] for name in _WORDS if name in named}
    return faults or {"": problem.words}


def forms_of(listed: Sequence[ListedForm], region: str, key: str) -> list[ListedForm]:
    """Those that may be meant; one when it is clear: by its key, as the only one, or as that of the whole region."""
    by_key = [form for form in listed if key and form.key == key]
    if by_key:
        return by_key
    there = [form for form in listed if form.region == region] if region else list(listed)
    return there if there else list(listed)


def announced(notice: str | None) -> str:
    """A prepared answer as an announcement: sentences with a place to be filled for one citizen are left out."""
    return _WITH_PLACE.sub("", notice or "").strip()
