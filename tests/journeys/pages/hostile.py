"""Pieces of pages and scripts that people could write, and how one sees that a page shows them as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from fastapi.routing import iter_route_contexts
from pydantic import BaseModel

from web.main import create
from web.settings import WebSettings

WORDS: Final = (Path(__file__).parent / "hostile_words.txt").read_text().splitlines()
TOGETHER: Final = "\n".join(WORDS)
# Short enough for a name: a tag, and the ends of attributes in both quotes.
SHORT: Final = "<script>hit(1)</script>\"onfocus=\"hit(66)\" x='onclick='hit(67)' <img src=x onerror=hit(16)>"
# Those that can be told from their escaped form wherever they stand.
_TELLING: Final = [each for each in (*WORDS, SHORT) if re.search(r"""[<"']""", each)]
_LINKS: Final = frozenset({"href", "src", "action", "formaction", "xlink:href"})

# Fields that programs fill or that choose from a list; they are sent the words, too, but nothing of them is kept.
CHOSEN: Final = frozenset(
    [
        "back",
        "chosen",
        "code",
        "channel",
        "days",
        "decision",
        "due_on",
        "email",
        "ends_at",
        "files",
        "form_key",
        "key",
        "kept_files",
        "kind",
        "lat",
        "lon",
        "login",
        "municipalities",
        "municipality",
        "number",
        "once",
        "organisation",
        "organisation_id",
        "origin",
        "outcome",
        "phone",
        "promised_on",
        "reason_code",
        "received_on",
        "region",
        "regions",
        "role",
        "rule",
        "settlement",
        "started",
        "starts_at",
        "step",
        "token",
        "topics",
        "unit",
        "wanted",
        "password",
        "new_password",
        "topic",
        "person",
        "giver",
        "receiver",
        "until",
        "organisation_name",
        "topic_name",
    ]
)
# Fields that people write in.
WRITTEN: Final = frozenset(
    [
        "address",
        "addressee",
        "comment",
        "name",
        "notice",
        "owner",
        "own_reason",
        "position",
        "purpose",
        "question",
        "reason",
        "reasons",
        "streets",
        "text",
        "title",
    ]
)


def raw_in(text: str) -> list[str]:
    """Words that stand on a page as they were written: they would be part of it."""
    reader = _Links()
    reader.feed(text)
    return [each for each in _TELLING if each in text] + reader.scripts


class _Links(HTMLParser):
    """Where links and forms of a page lead, if that is a script or a page of somebody's own."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Of the parser."""
        led = [(value or "").strip().lower() for name, value in attrs if name in _LINKS]
        self.scripts += [each for each in led if each.startswith(("java", "data:text"))]


def fields_of_forms() -> Iterator[tuple[str, frozenset[str]]]:
    """Path of every form of officials, and the fields of words that it takes."""
    app = create(WebSettings.model_validate({"pages_key": "none", "log_level": "ERROR"}))
    for context in iter_route_contexts(app.routes):
        if "POST" in (context.methods or ()) and not str(context.path).startswith(("/track", "/report")):
            taken = frozenset(_words_of(context.dependant.body_params))
            assert taken <= CHOSEN | WRITTEN, (
                f"{context.path}: nobody has said what is in {taken - CHOSEN - WRITTEN}"
            )
            yield str(context.path), taken


def _words_of(parameters: object) -> Iterator[str]:
    assert isinstance(parameters, list)
    for each in parameters:
        kind = each.field_info.annotation
        is_form = isinstance(kind, type) and issubclass(kind, BaseModel)
        fields = kind.model_fields.items() if is_form else [(each.alias, each.field_info)]
        for name, field in fields:
            if "str" in str(field.annotation) and "Literal" not in str(field.annotation):
                yield name
