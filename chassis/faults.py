"""What is wrong with a request, in words for people (`faults.csv`): by pydantic's name of the fault, by the pattern that does
not match, or by the sentence of a check of ours, which may have places for values. Never with what was sent, unless a
sentence has a place for it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from chassis.languages import LANGUAGES, Language, language_now
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
    language = language_now.get()
    bounds = {name: _with_or(context[name], language) for name in _BOUNDS if name in context}
    try:
        return WORDS[kind][language].format(**bounds)
    except (LookupError, ValueError):
        return in_words(str(error.get("msg", "is not valid")))


def _with_or(bound: object, language: Language) -> object:
    """Choices as pydantic writes them, with the "or" of a language."""
    return bound.replace(" or ", " или ") if isinstance(bound, str) and language == "ru" else bound


class Wording:
    """A sentence of ours with places for values, such as `Not in status {status}.`, put into words when it is shown: the
    language is known by then. An error may carry one: `ValueError(Wording(…))`.

    `values`: by the names of the places, each a text, a number or another wording; without them braces are only braces.
    """

    __slots__ = ("sentence", "values")

    def __init__(self, sentence: str, values: Mapping[str, object] | None = None) -> None:
        self.sentence = sentence
        self.values = values

    def __str__(self) -> str:
        """In the caller's language."""
        return self.in_language(language_now.get())

    def in_language(self, language: Language) -> str:
        """In words of a language; as it was written where it is not known in it."""
        words = WORDS.get(self.sentence, {}).get(language, self.sentence)
        if self.values is not None:
            filling = {name: _Value(value, language) for name, value in self.values.items()}
            with suppress(LookupError, ValueError):  # a place that nobody fills costs nobody the answer
                words = words.format_map(filling)
        return words[:_LONGEST]


class _Value:
    """What stands in a place: `{status}` is the value as it is, `{status:state}` the words of `state …`, where there are any,
    `{known:choices}` the value with the "or" of the language."""

    __slots__ = ("language", "value")

    def __init__(self, value: object, language: Language) -> None:
        self.value = value
        self.language = language

    def __format__(self, kind: str) -> str:
        value = self.value
        text = value.in_language(self.language) if isinstance(value, Wording) else str(value)
        if kind == "choices":
            return str(_with_or(text, self.language))
        return WORDS.get(f"{kind} {text}", {}).get(self.language, text) if kind else text


def in_words(sentence: str | Wording) -> str:
    """A sentence of ours in the caller's language, where it is known in it."""
    return str(sentence if isinstance(sentence, Wording) else Wording(sentence))


def unknown_name(name: str, known: Any) -> str:
    """The message about a name that is not among the known ones."""
    language = language_now.get()
    words, near = WORDS[UNKNOWN_FIELD][language], nearest(name, known)
    return f"{words}; {_DID_YOU_MEAN[language]} {near}?" if near else words
