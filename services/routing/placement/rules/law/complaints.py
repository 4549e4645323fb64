"""Whom a text complains of by name (R1 where no organisation is given): «жалоба на УК Сейм», «администрация Льговского района
бездействует».

Only what names an organisation of the region next to words of complaint counts, and only as a reason for a person to look:
a name in a text is no statement of the applicant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from services.routing.reference.rules.aliases import Aliases, named_at
from services.routing.reference.rules.territory import split_words

_BEFORE = re.compile(r"\b(?:жалоб\w*\s+на|жалу(?:юсь|емся)\s+на|бездействи\w+)\s")
_AFTER = re.compile(r"\s(?:бездейству\w+|не\s+реагиру\w+|игнориру\w+)\b")
_NEAR: Final = 3  # words between the complaint and the name
_LONGEST_NAME: Final = 12
_LEADING: Final = frozenset(
    (
        "действия",
        "действие",
        "бездействие",
        "работу",
        "решение",
        "отказ",
        "ответ",
        "сотрудников",
        "и",
        "со",
        "стороны",
    )
)


def find_object(aliases: Aliases, folded: str) -> UUID | None:
    """The one organisation that a text in its normal form complains of by name; None where it names none or several."""
    if (
        "жал" not in folded
        and "бездейств" not in folded
        and "реагиру" not in folded
        and "игнор" not in folded
    ):
        return None
    found = {
        *_found(aliases, (split_words(folded[mark.end() :][:200]) for mark in _BEFORE.finditer(folded))),
        *_found_before(
            aliases,
            (
                split_words(folded[max(0, mark.start() - 200) : mark.start()])
                for mark in _AFTER.finditer(folded)
            ),
        ),
    }
    return found.pop() if len(found) == 1 else None


def _found(aliases: Aliases, tails: Iterable[Sequence[str]]) -> Iterable[UUID]:
    """What the words after a complaint begin with, but for «действия» and the like."""
    for words in tails:
        start = 0
        while start < min(_NEAR, len(words)) and words[start] in _LEADING:
            start += 1
        known = named_at(aliases, words, start)
        if known is not None:
            yield known[1]


def _found_before(aliases: Aliases, heads: Iterable[Sequence[str]]) -> Iterable[UUID]:
    """The name that the words before a complaint end with."""
    for words in heads:
        for start in range(max(0, len(words) - _LONGEST_NAME), len(words)):
            known = named_at(aliases, words, start)
            if known is not None and start + len(known[0]) == len(words):
                yield known[1]
                break
