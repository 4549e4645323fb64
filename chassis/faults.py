"""What is wrong with one place of a request, in words for people (`faults.csv`): by pydantic's name of the fault, by the
pattern that does not match, or by the sentence of a check of ours. Never with what was sent."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from chassis.languages import LANGUAGES, language_now
from chassis.names import UNKNOWN_FIELD, nearest

_LONGEST: Final = 300
_PREFIX: Final = "Value error, "  # pydantic's, before a sentence of ours
_BOUNDS: Final = ("min_length", "max_length", "gt", "ge", "lt", "le", "expected")
_DID_YOU_MEAN: Final = {"en": "did you mean", "ru": "возможно, вы имели в виду"}


def _read() -> dict[str, dict[str, str]]:
    with (Path(__file__).parent / "faults.csv").open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    return {fault: dict(zip(LANGUAGES, words, strict=True)) for fault, *words in rows}


# Fault → its words by language.
WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(_read())


def message_of(error: Mapping[str, Any]) -> str:
    """The message about one of pydantic's errors, in the caller's language; English where there is no other."""
    context = error.get("ctx") or {}
    kind = str(context.get("pattern", "")) or str(error.get("type", ""))
    if kind not in WORDS:
        return in_words(str(error.get("msg", "is not valid")).removeprefix(_PREFIX))
    bounds = {name: _or(context[name]) for name in _BOUNDS if name in context}
    try:
        return WORDS[kind][language_now.get()].format(**bounds)
    except (LookupError, ValueError):
        return in_words(str(error.get("msg", "is not valid")))


def _or(bound: object) -> object:
    """Choices as pydantic writes them, with our own "or"."""
    return bound.replace(" or ", " или ") if isinstance(bound, str) and language_now.get() == "ru" else bound


def in_words(sentence: str) -> str:
    """A sentence of ours in the caller's language, where it is known in it."""
    return WORDS.get(sentence, {}).get(language_now.get(), sentence)[:_LONGEST]


def unknown_name(name: str, known: Any) -> str:
    """The message about a name that is not among the known ones."""
    language = language_now.get()
    words, near = WORDS[UNKNOWN_FIELD][language], nearest(name, known)
    return f"{words}; {_DID_YOU_MEAN[language]} {near}?" if near else words
